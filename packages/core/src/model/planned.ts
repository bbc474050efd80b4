import { freeze } from "./freeze.ts";
import type { Resource } from "./resource.ts";

/**
 * A resource whose contract is there and whose program is not: it is listed as left out, with the reason, and whatever
 * cannot do without it is left out too. Nothing stands in for it.
 */
export function planned<R extends Resource>(resource: R, reason: string): R {
  return freeze({ ...resource, planned: reason });
}
