import type { PodFacet } from "../../model/pod-part.ts";
import type { Resource } from "../../model/resource.ts";
import { imageText } from "../compose/words.ts";
import { byNameWithMembers } from "./pods.ts";

/** A program of somebody else's image that the stack's has too. */
export interface BorrowedProgram extends PodFacet {
  /** The reference of the image that it is from. */
  readonly image: string;
}

/** What the image of a stack's programs is given of others: the programs of components in its pods, each once. */
export function borrowedPrograms(resources: readonly Resource[]): BorrowedProgram[] {
  const found = [...byNameWithMembers(resources).values()].flatMap(({ pod, inPod, container }) =>
    pod && inPod && container ? [{ ...inPod, image: imageText(container.image, "") }] : [],
  );
  return [...new Map(found.map((each) => [each.program, each])).values()];
}
