import type { Problem } from "../errors/problem.ts";
import type { Resource } from "../model/resource.ts";

/** What the host has: CPUs (may be a fraction) and memory in bytes. */
export interface HostCapacity {
  readonly cpus: number;
  readonly memory: number;
}

type Measure = keyof HostCapacity;

/** One resource's part of a sum: all replicas, and one more while it is updated. */
interface Part {
  readonly name: string;
  readonly replicas: number;
  readonly each: number;
}

/**
 * What a stack asks for against what the host has, with headroom for one update: while one service is replaced, its old
 * and new replica run beside each other, so the largest single replica counts once more. Reservations beyond the host
 * are errors (they are promises), limits beyond it warnings (they need not be reached). `--allow-overcommit` accepts both.
 */
export function checkCapacity(
  resources: readonly Resource[],
  host: HostCapacity,
): { readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] } {
  const check = (what: "reservations" | "limits"): Problem[] =>
    (["cpus", "memory"] as const).flatMap((measure) => excess(resources, host, what, measure));
  return { errors: check("reservations"), warnings: check("limits") };
}

function excess(
  resources: readonly Resource[],
  host: HostCapacity,
  what: "reservations" | "limits",
  measure: Measure,
): Problem[] {
  const parts = resources.flatMap(({ name, kind, replicas, resources: amounts }): Part[] => {
    const each = amounts[what][measure] ?? 0;
    // Commands run when people ask for them; what is external runs elsewhere.
    return each > 0 && replicas > 0 && kind !== "command" && kind !== "external" ? [{ name, replicas, each }] : [];
  });
  const headroom = parts.reduce((most, part) => Math.max(most, part.each), 0);
  const total = parts.reduce((sum, part) => sum + part.each * part.replicas, headroom);
  if (total <= host[measure]) return [];
  const words = amount[measure];
  const message = `${what} of ${words(total)} (with ${words(headroom)} of headroom for one update) are more than this host's ${words(host[measure])}; the largest: ${largest(parts, words)}; --allow-overcommit accepts it`;
  return [{ code: "E_CAPACITY", path: `${what}/${measure}`, message }];
}

const amount: Record<Measure, (value: number) => string> = {
  cpus: (value) => `${round(value)} CPUs`,
  memory: (value) => (value >= 1024 ** 3 ? `${round(value / 1024 ** 3)} GB` : `${round(value / 1024 ** 2)} MB`),
};

function largest(parts: readonly Part[], words: (value: number) => string): string {
  return [...parts]
    .sort((a, b) => b.each * b.replicas - a.each * a.replicas || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name, replicas, each }) =>
      replicas === 1 ? `${name} ${words(each)}` : `${name} ${replicas} x ${words(each)}`,
    )
    .join(", ");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
