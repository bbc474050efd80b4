import type { Edge } from "../../model/edge.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource } from "../../model/resource.ts";
import { stackNetworks, type Network } from "../container/networks.ts";
import type { ImagePlaces } from "../container/places.ts";

/** The image with the stack's own programs. */
export interface StackImage extends ImagePlaces {
  readonly reference: string;
  /** Folder of the bundle that it can be built from; absent: it has to be there. */
  readonly context?: string;
}

/** What the parts of a compose file are worked out from; looked up once for all services. */
export interface ComposeContext {
  readonly stack: ResolvedStack;
  readonly byName: ReadonlyMap<string, Resource>;
  readonly edgesFrom: ReadonlyMap<string, readonly Edge[]>;
  readonly networks: readonly Network[];
  readonly image: StackImage;
}

export function composeContext(stack: ResolvedStack, image: StackImage): ComposeContext {
  return {
    stack,
    image,
    byName: new Map(stack.resources.map((resource) => [resource.name, resource])),
    edgesFrom: Map.groupBy(stack.edges, ({ from }) => from),
    networks: stackNetworks(stack),
  };
}
