import { freeze } from "./freeze.ts";
import { baseResource } from "./resource-defaults.ts";
import type { Resource } from "./resource.ts";
import type { Value, ValueKind } from "./value.ts";

/** What may run elsewhere, by what a reference to it is. */
export const urlKinds = {
  postgres: "postgres-url",
  redis: "redis-url",
  http: "http-url",
} as const satisfies Record<string, ValueKind>;

/** Something that runs elsewhere, with the same reference as the component it stands for. */
export type External<K extends keyof typeof urlKinds> = Resource & {
  readonly url: Value<(typeof urlKinds)[K]>;
};

/**
 * A store or service that Caisson does not run: `external("postgres", "warehouse", { url: secret("warehouse-url",
 * { provided: true }) })`. It is never started or stopped; what uses it waits in its own readiness.
 */
export function external<K extends keyof typeof urlKinds>(
  component: K,
  name: string,
  options: { readonly url: Value<"secret"> | Value<(typeof urlKinds)[K]> },
): External<K> {
  const type: ValueKind = urlKinds[component];
  return freeze({
    ...baseResource("external", component, name),
    outputs: { url: { type, value: options.url, strength: "uses", condition: "started" } },
    url: { kind: "ref", resource: name, output: "url" },
  });
}
