import type { StoredEvent } from "../../stacks/usage-tracking/events/stored-event.ts";
import { randomOf } from "../../stacks/usage-tracking/testing/random.ts";

/** What the usage benches are run on: named in their figures, because rollups cost by how many there are. */
export const load = { tenants: 20, usersPerTenant: 50, models: 4, spanHours: 2 } as const;

/** How figures name it: so many of its events, over some time. */
export function loadOf(events: number, time: string): string {
  const { tenants, usersPerTenant, models } = load;
  return `${events} events of ${tenants} tenants with ${usersPerTenant} users and ${models} models each over ${time}`;
}

/** Whose event number `n` is. */
export function tenantOf(n: number): number {
  return 1 + (n % load.tenants);
}

/** The hour that the events begin in. */
const first = Date.UTC(2026, 10, 20, 10) * 1000;

/** Event number `n` of the load: the same one every time. Ids are version 7, as clients make them. */
export function benchEvent(n: number): { readonly tenant: number; readonly event: StoredEvent } {
  const random = randomOf(n);
  const pick = (count: number): number => Math.floor(random() * count);
  const at = first + Math.floor(random() * load.spanHours * 3_600_000_000);
  const [input, output] = [pick(4000), pick(800)];
  const model = pick(load.models);
  return {
    tenant: tenantOf(n),
    event: {
      id: idOf(n, random),
      at,
      service: "llm_service",
      provider: model < load.models / 2 ? "openai" : "azure",
      type: "completion",
      user: `user-${pick(load.usersPerTenant)}`,
      session: `session-${pick(1000)}`,
      tags: ["bench"],
      metadata: { model: `model-${model}`, temperature: 0.7 },
      metrics: {
        input_tokens: input,
        output_tokens: output,
        total_tokens: input + output,
        latency_ms: 100 + pick(900_000) / 1000,
      },
    },
  };
}

function idOf(n: number, random: () => number): string {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  const time = (first / 1000 + n).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
}
