import type { Expression } from "../model/expression.ts";
import { freeze } from "../model/freeze.ts";
import type { Output, Resource } from "../model/resource.ts";
import type { Value } from "../model/value.ts";

/** A component with its HTTP addresses: an output and a reference to it for each name. Who takes one does not wait for it. */
export function withUrls<R extends Resource, U extends string>(
  resource: R,
  urls: Readonly<Record<U, Expression>>,
): R & Readonly<Record<U, Value<"http-url">>> {
  const named = Object.entries<Expression>(urls);
  const outputs = named.map(([name, value]): [string, Output] => [
    name,
    { type: "http-url", value, strength: "uses", condition: "healthy" },
  ]);
  const refs = named.map(([output]) => [output, { kind: "ref", resource: resource.name, output }] as const);
  return freeze({
    ...resource,
    outputs: Object.fromEntries(outputs),
    ...(Object.fromEntries(refs) as Record<U, Value<"http-url">>),
  });
}
