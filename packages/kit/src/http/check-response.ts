import type { TSchema } from "typebox";
import { check } from "./compiled.ts";
import { explain } from "./explain.ts";

/** Throws when an answer does not fit what the route declares for its status: our bug, found by the first test that meets it. */
export function checkResponse(responses: Readonly<Record<number, TSchema>>, status: number, body: unknown): void {
  const schema = responses[status];
  if (schema === undefined || check(schema, body)) return;
  const [first] = explain(schema, body, "");
  throw new Error(`the answer ${status} is not what the route declares: ${first?.path ?? ""}: ${first?.message ?? ""}`);
}
