import type { Resources } from "./resource.ts";
import type { ScaleOptions } from "./scale.ts";

/** How a component runs as a member of a pod: its program is put into the image that the stack's programs are in. */
export interface PodFacet {
  /** The program's path, in the component's own image and in the stack's. The base of programs has every library that it needs. */
  readonly program: string;
  /** With these it says its version and ends: a library that is not there fails the build, not the start. */
  readonly check: readonly string[];
}

/** The pod that a resource is a member of; all its members say the same. */
export interface PodPart {
  readonly name: string;
  /** Of one replica of the pod. */
  readonly resources: Resources;
  readonly scale?: ScaleOptions;
}
