import type { Edge } from "../../model/edge.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource } from "../../model/resource.ts";
import { stackNetworks, type Network } from "../container/networks.ts";
import type { ImagePlaces } from "../container/places.ts";
import { byNameWithMembers, gatherPods } from "../container/pods.ts";

/** The image with the stack's own programs. */
export interface StackImage extends ImagePlaces {
  readonly reference: string;
  /** Any host gets it from a registry. */
  readonly pushed?: true;
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
  /** Whose entry builds the image for all: built once for each of them, it would be as many images of one name. */
  readonly builder: string | undefined;
}

export function composeContext(resolved: ResolvedStack, image: StackImage): ComposeContext {
  const stack = gatherPods(resolved);
  const own = stack.resources.filter(({ container }) => container?.image.kind === "stack");
  return {
    stack,
    image,
    // Not a command's: `up` leaves those out.
    builder: image.context === undefined ? undefined : (own.find(({ kind }) => kind !== "command") ?? own[0])?.name,
    byName: byNameWithMembers(stack.resources),
    edgesFrom: Map.groupBy(stack.edges, ({ from }) => from),
    networks: stackNetworks(stack),
  };
}
