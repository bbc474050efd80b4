/** What verbs do with containers and images besides asking the agent. */
export { execInContainer, type ContainerExec } from "./client/exec-container.ts";
export { runContainer, type ContainerToRun } from "./client/run-container.ts";
export type { ContainerStreams } from "./client/container-streams.ts";
export { engine } from "./drivers/docker/engine.ts";
export { loadImages, saveImages } from "./images/archive.ts";
export { neededImages, type NeededImage } from "./images/needed-images.ts";
export { buildImage, type BuiltImage } from "./images/build-image.ts";
export { tagImage } from "./images/tag-image.ts";
export { stackImage } from "./images/stack-image.ts";
export { writeContext } from "./images/write-context.ts";
