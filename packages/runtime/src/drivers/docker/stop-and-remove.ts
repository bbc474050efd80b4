import type Dockerode from "dockerode";
import { ignoringGone } from "./is-status.ts";
import { label } from "./labels.ts";

/**
 * Takes a container away. One that runs ends by its own stop signal, with the time it has for that; what a person runs, at once.
 * Named volumes stay.
 */
export async function stopAndRemove(docker: Dockerode, { Id, State, Labels }: Dockerode.ContainerInfo): Promise<void> {
  const container = docker.getContainer(Id);
  if (State === "running" && Labels[label.oneoff] !== "True") await ignoringGone(() => container.stop());
  // `v`: the volumes without a name that the engine makes for an image's own declarations.
  await ignoringGone(() => container.remove({ v: true, force: true }));
}
