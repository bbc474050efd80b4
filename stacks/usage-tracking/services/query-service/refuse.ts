import { httpProblem } from "@caisson/kit";
import type { RangeFault } from "./range.ts";

/** What was read, or the problem that refuses it. */
export function orRefuse<T extends object>(result: T | RangeFault): T {
  if (!("parameter" in result)) return result;
  throw refusedParameter(result.parameter, result.message);
}

/** The problem of one query parameter, in the form of the kit's own. */
export function refusedParameter(parameter: string, message: string): Error {
  const path = `/query/${parameter}`;
  return httpProblem("validation_failed", `${path}: ${message}`, { errors: [{ path, code: "value", message }] });
}
