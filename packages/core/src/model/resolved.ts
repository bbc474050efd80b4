import type { Edge } from "./edge.ts";
import type { Json } from "./expression.ts";
import type { Resource } from "./resource.ts";

/** A resource that is not on, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/**
 * A stack with its parameters, profiles and references worked out: plain data, JSON-safe, what every projection and
 * target reads. `resources` holds only what is on, provision jobs included, in declaration order.
 */
export interface ResolvedStack {
  readonly modelVersion: 1;
  readonly name: string;
  readonly environment: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly profiles: { readonly all: readonly string[]; readonly active: readonly string[] };
  readonly resources: readonly Resource[];
  readonly edges: readonly Edge[];
  readonly skipped: readonly Skipped[];
}
