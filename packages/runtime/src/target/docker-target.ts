import { join } from "node:path";
import type Dockerode from "dockerode";
import { CaissonError, containerLaunches, type Launch, type ResolvedStack } from "@caisson/core/run";
import type { Folders } from "../agent/folders.ts";
import type { GenerationRecord } from "../agent/records.ts";
import type { Project } from "../client/project.ts";
import { containerOptions } from "../drivers/docker/container-options.ts";
import { containerRun } from "../drivers/docker/container-run.ts";
import { dataOf, dockerDriver } from "../drivers/docker/docker-driver.ts";
import { driftOf } from "../drivers/docker/drift.ts";
import { reachable, socketOf } from "../drivers/docker/engine.ts";
import { dockerNetworks } from "../drivers/docker/networks.ts";
import { dockerVolumes } from "../drivers/docker/volumes.ts";
import { isStatus } from "../drivers/docker/is-status.ts";
import { label } from "../drivers/docker/labels.ts";
import type { Subnet } from "../drivers/docker/subnets.ts";
import { createOneOff } from "../drivers/docker/one-off.ts";
import { stopAndRemove } from "../drivers/docker/stop-and-remove.ts";
import { projectOf } from "../drivers/docker/project-of.ts";
import { has, namesIn } from "../images/image-names.ts";
import { pullImages } from "../images/pull-images.ts";
import { stackImage } from "../images/stack-image.ts";
import type { ContainerTarget } from "./target.ts";

/** What a docker target is made of. */
export interface DockerTargetParts {
  readonly docker: Dockerode;
  /** Where its networks are taken from. */
  readonly pools: readonly Subnet[];
  readonly project: Project;
  readonly instance: string;
  readonly folders: Folders;
  readonly secretVersions: (record: GenerationRecord) => Readonly<Record<string, string>>;
}

/** A stack on a local Docker Engine: one compose project a stack and environment, everything labelled with its instance. */
export function dockerTarget({
  docker,
  pools,
  project,
  instance,
  folders,
  secretVersions,
}: DockerTargetParts): ContainerTarget {
  const name = projectOf(project);
  let images: ReadonlySet<string> = new Set();
  let refused: ReadonlyMap<string, string> = new Map();
  const networks = dockerNetworks(docker, { project: name, instance, pools });
  const volumes = dockerVolumes({ docker, project: name, instance, secretVersions });
  return {
    driver: dockerDriver(docker),
    volumes,
    async refresh(launches, fetching) {
      await reachable(docker);
      await refuseOtherInstance(docker, name, instance);
      await volumes.refresh();
      images = await namesIn(docker);
      if (!fetching) return;
      const wanted = [...launches.values()].flatMap(({ container }) => (container ? [container] : []));
      const lacking = wanted.flatMap(({ image, ownImage }) => (ownImage || has(images, image) ? [] : [image]));
      if (lacking.length === 0) return;
      refused = await pullImages(docker, new Set(lacking), fetching);
      images = await namesIn(docker);
    },
    launches: (stack: ResolvedStack, programs) => containerLaunches(stack, stackImage(stack, programs)),
    unavailable({ container }: Launch) {
      if (!container || has(images, container.image)) return undefined;
      if (container.ownImage)
        return `the image ${container.image} with the stack's programs is not built: run \`caisson build\``;
      return `image not available: ${refused.get(container.image) ?? `${container.image} is not in the engine`}`;
    },
    prepare: (record) => networks.ensure(record.launch.container?.networks ?? []),
    containerOf: (record, id, hostPort) =>
      containerRun({
        record,
        project: name,
        instance,
        stack: project.stack,
        environment: project.environment,
        hostPort,
        networkName: networks.nameOf,
        volumeName: (volume) => volumes.folder(id.resource, volume),
        file: (file) => join(folders.files(id.resource, record.generation), file),
        engineSocket: socketOf(docker),
      }),
    idOf: (record) => dataOf(record).id,
    oneOff: (spec, asked) => createOneOff(docker, spec, asked),
    addressOf: (record) => dataOf(record).address ?? "127.0.0.1",
    async drift(record, spec) {
      try {
        const found = await docker.getContainer(dataOf(record).id).inspect();
        return found.State.Running
          ? driftOf(containerOptions(spec, Number(found.Config.Labels[label.number]) - 1), found)
          : [];
      } catch (error) {
        if (isStatus(error, 404)) return [];
        throw error;
      }
    },
    async remove() {
      const own = { label: [`${label.instance}=${instance}`] };
      for (const each of await docker.listContainers({ all: true, filters: own })) await stopAndRemove(docker, each);
      await networks.remove();
    },
  };
}

/** Two clones on one host must not take each other's containers and data for their own. */
async function refuseOtherInstance(docker: Dockerode, project: string, instance: string): Promise<void> {
  const filters = { label: [`${label.project}=${project}`] };
  const containers = (await docker.listContainers({ all: true, filters })).map(({ Names, Labels }) => ({
    what: `container ${Names[0]?.replace(/^\//, "")}`,
    labels: Labels,
  }));
  // By name: one without labels would be taken for ours when we make it, for the engine then gives the one it has.
  const volumes = ((await docker.listVolumes()).Volumes ?? [])
    .filter(({ Name }) => Name.startsWith(`${project}_`))
    .map(({ Name, Labels }) => ({ what: `volume ${Name}`, labels: Labels ?? {} }));
  const other = [...containers, ...volumes].find(({ labels }) => labels[label.instance] !== instance);
  if (!other) return;
  const owner = other.labels[label.instance];
  throw new CaissonError(
    "E_DATA_FOREIGN",
    `the engine has the ${other.what}, of ${owner ?? "somebody else"}, not of this instance (${instance})`,
    {
      hint: [
        "Remove them where they were made (`caisson down -v` there), or use another name or environment.",
        ...(owner === undefined
          ? []
          : [
              `Where that folder is gone: \`docker volume ls --filter label=${label.instance}=${owner}\` lists its data.`,
            ]),
      ].join(" "),
    },
  );
}
