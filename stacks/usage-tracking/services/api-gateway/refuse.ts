import { httpProblem } from "@caisson/kit";
import type { Issue } from "../../events/issue.ts";
import type { JsonFault } from "../../events/locate-fault.ts";

/** 503: nothing of the request was stored for sure; the same request may succeed after `seconds`. */
export function unavailable(detail: string, cause?: unknown, seconds = 1): Error {
  return httpProblem("dependency_unavailable", detail, { headers: { "retry-after": String(seconds) }, cause });
}

/** 400: the body as a whole is no JSON that can be kept. */
export function invalidJson({ code, path, offset }: JsonFault): Error {
  return httpProblem("invalid_json", `the body is no JSON that can be kept: ${code} at byte ${offset}`, {
    errors: [{ path, code, message: `at byte ${offset}` }],
  });
}

/** 422: the only event of a request cannot be accepted. */
export function invalidEvent(errors: readonly Issue[]): Error {
  const [first] = errors;
  const detail = `${first?.path ?? ""} ${first?.message ?? ""}`.trim();
  return httpProblem({ status: 422, code: "invalid_event", title: "The event cannot be accepted" }, detail, { errors });
}
