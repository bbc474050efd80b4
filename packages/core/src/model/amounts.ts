import { toBytes, type Size } from "./quantity.ts";
import type { Resources } from "./resource.ts";

/** CPUs and memory of one replica. */
export interface Amounts {
  readonly cpus?: number;
  readonly memory?: Size;
}

/** What one replica may take at most, and what is kept for it. Default: none. */
export interface AmountOptions {
  readonly limits?: Amounts & { readonly pids?: number };
  readonly reservations?: Amounts;
}

/** The same in the units of the model. */
export function resourcesOf({ limits = {}, reservations = {} }: AmountOptions): Resources {
  return {
    limits: { ...amounts(limits), ...(limits.pids !== undefined && { pids: limits.pids }) },
    reservations: amounts(reservations),
  };
}

function amounts({ cpus, memory }: Amounts): { cpus?: number; memory?: number } {
  return {
    ...(cpus !== undefined && { cpus }),
    ...(memory !== undefined && { memory: toBytes(memory) }),
  };
}
