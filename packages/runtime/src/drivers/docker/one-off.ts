import { randomUUID } from "node:crypto";
import type Dockerode from "dockerode";
import type { RunSpec } from "../driver.ts";
import { containerOptions } from "./container-options.ts";
import { createContainer } from "./create-container.ts";
import { label } from "./labels.ts";

/**
 * Makes the container of a program that a person runs beside the stack, which whoever asked starts. It is on the networks of
 * its resource, but nobody finds it there and it publishes no port; its terminal is the person's, and it is gone when it ends.
 * `program`: in place of the image's entrypoint and command; without one the resource's own runs.
 */
export async function createOneOff(
  docker: Dockerode,
  spec: RunSpec,
  { program, terminal }: { readonly program?: readonly string[]; readonly terminal: boolean },
): Promise<string> {
  const { container: run } = spec;
  if (!run) throw new Error("a container's run has no container");
  const { health: _, ...facts } = run;
  const [entrypoint, ...command] = program ?? [];
  const alone: RunSpec = {
    ...spec,
    ...(entrypoint !== undefined && { argv: command }),
    container: {
      ...facts,
      ...(entrypoint !== undefined && { entrypoint: [entrypoint] }),
      networks: run.networks.map(({ name }) => ({ name, aliases: [] })),
      ports: [],
    },
  };
  const { options, more } = containerOptions(alone, 0);
  // Without the marks of a run: an agent that starts sweeps away those that it does not know.
  const { [label.marker]: _marker, [label.unit]: _unit, [label.number]: _number, ...labels } = options.Labels;
  const { id } = await createContainer(docker, alone, {
    options: {
      ...options,
      name: `${run.name}-run-${randomUUID().slice(0, 8)}`,
      Labels: { ...labels, [label.oneoff]: "True" },
      HostConfig: { ...options.HostConfig, AutoRemove: true },
      Tty: terminal,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    },
    more,
  });
  return id;
}
