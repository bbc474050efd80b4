import type { UpRequest } from "../agent/protocol.ts";
import type { Fetching } from "../images/pull-images.ts";
import type { Prepared } from "./prepared.ts";

/**
 * Works out what an `up` has to do. Without `fetching` it is a dry run, which reads only: it fetches nothing, takes no port,
 * makes no secret, writes nothing.
 */
export interface Planner {
  prepare(request: UpRequest, fetching?: Fetching): Promise<Prepared>;
}
