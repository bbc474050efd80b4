import type { UpRequest } from "../agent/protocol.ts";
import type { Prepared } from "./prepared.ts";

/** Works out what an `up` has to do. A dry run reads only: it takes no port, makes no secret, writes nothing. */
export interface Planner {
  prepare(request: UpRequest, options: { readonly dryRun: boolean }): Promise<Prepared>;
}
