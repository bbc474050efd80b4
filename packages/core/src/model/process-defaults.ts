import type { ProcessFacet } from "./resource.ts";

/** A process facet that says which product plays it, and nothing else unless told. */
export function processFacet(product: string, major: number, facet: Partial<ProcessFacet> = {}): ProcessFacet {
  return {
    provider: { product, major, extensions: [] },
    prepare: [],
    reset: {},
    argv: [],
    env: {},
    user: "service",
    ...facet,
  };
}
