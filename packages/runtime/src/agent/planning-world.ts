import {
  flattenPods,
  gatherPods,
  processLaunch,
  throwProblems,
  walk,
  type Expression,
  type Observed,
  type ObservedResource,
  type Resource,
} from "@caisson/core/run";
import type { HostFacts } from "../host/facts.ts";
import type { PlanningWorld } from "../planning/world.ts";
import { bindProvider } from "../providers/bind.ts";
import { installEmbeddedPostgres } from "../providers/embedded-postgres.ts";
import { checkCertificates } from "../secrets/check-certificates.ts";
import { makeSecrets } from "../secrets/make-secrets.ts";
import type { SecretStore } from "../secrets/store.ts";
import { checkStamp } from "../state/check-stamp.ts";
import type { Addresses } from "./addresses.ts";
import type { Evaluator } from "./evaluate.ts";
import type { Folders } from "./folders.ts";
import { withHostPorts } from "./host-ports.ts";
import type { ContainerTarget } from "../target/target.ts";
import type { ResourceView } from "./protocol.ts";
import type { RecordStore } from "./record-store.ts";
import type { Volumes } from "./volumes.ts";

/** The parts of an agent, or of a look without one, that planning reads. */
export interface PlanningParts {
  readonly instance: string;
  readonly facts: HostFacts;
  readonly sharedPorts: boolean;
  readonly records: RecordStore;
  readonly secrets: SecretStore;
  readonly addresses: Addresses;
  readonly folders: Folders;
  readonly volumes: Volumes;
  readonly evaluator: Evaluator;
  /** Absent: the stack runs as processes of this host. */
  readonly containers: ContainerTarget | undefined;
  readonly view: (name: string) => ResourceView | undefined;
}

/** Planning's view of the world: this host, this instance's state, its data and secrets. */
export function planningWorld(parts: PlanningParts): PlanningWorld {
  const { facts, records, secrets, addresses, folders, volumes, evaluator, instance, containers } = parts;
  const versionsOf = (name: string): readonly string[] =>
    secrets
      .list()
      .find((each) => each.name === name)
      ?.versions.map((each) => each.version) ?? [];
  return {
    host: { cpus: facts.cpus, memory: facts.memory },
    sharedPorts: parts.sharedPorts,
    inContainers: containers !== undefined,
    today: () => new Date().toISOString().slice(0, 10),
    gather: (stack) => (containers ? gatherPods(stack) : flattenPods(stack)),
    launches(stack, programs) {
      if (containers) return containers.launches(stack, programs);
      const byName = new Map(stack.resources.map((resource) => [resource.name, resource]));
      return new Map(stack.resources.map((resource) => [resource.name, processLaunch(resource, byName)]));
    },
    refresh: (launches, fetching) => containers?.refresh(launches, fetching) ?? Promise.resolve(),
    bind(resource, launch, dryRun) {
      const reason = launch && containers?.unavailable(launch);
      if (reason !== undefined && dryRun && launch?.container?.ownImage === false)
        return { available: true, binding: null, unfetched: launch.container.image };
      if (reason !== undefined) return { available: false, reason, ways: [] };
      if (containers || !resource.process) return { available: true, binding: null };
      const recorded = resource.volumes.length > 0 ? records.latest(resource.name)?.binding : null;
      const result = bindProvider(resource.process.provider, facts, recorded);
      if (!result.available || result.binding.provider !== "npm") return result;
      return { available: true, binding: installEmbeddedPostgres(result.binding, folders.binaries, dryRun) };
    },
    missingSecrets: (resources) => {
      const known = new Set(secrets.list().map((each) => each.name));
      return [
        ...new Set(
          secretsOf(resources)
            .filter((each) => each.source.from === "provided" && !known.has(each.name))
            .map((each) => each.name),
        ),
      ];
    },
    makeSecrets: (resources) => makeSecrets(secrets, secretsOf(resources), Date.now),
    checkCertificates: (resources) => checkCertificates(secrets, resources),
    settlePorts: (resources, launches, dryRun) =>
      addresses.allocate(
        containers ? resources.map((resource) => withHostPorts(resource, launches.get(resource.name))) : resources,
        (name) => (parts.view(name)?.pids.length ?? 0) > 0,
        { dryRun },
      ),
    textForHash: (value, record) => evaluator.identity(value, record),
    observe: () => observe(parts),
    checkStamps(resources) {
      const problems = resources.flatMap((resource) =>
        resource.volumes.flatMap((volume) => {
          const folder = volumes.folder(resource.name, volume.name);
          const stamp = volumes.stamp(resource.name, volume.name);
          // No stamp and no folder: nothing was made yet. A folder without a stamp is checkStamp's to refuse.
          if (!stamp && !volumes.exists(resource.name, volume.name)) return [];
          const versions = Object.keys(resource.process?.reset ?? {}).map((name) => [name, versionsOf(name)] as const);
          return checkStamp(folder, stamp, {
            instance,
            component: resource.component,
            resource: resource.name,
            dataMajor: volume.dataMajor,
            secretVersions: Object.fromEntries(versions),
            adopt: false,
            ...(resource.renamedFrom !== undefined && { renamedFrom: resource.renamedFrom }),
          });
        }),
      );
      throwProblems(problems, "E_VOLUME", "the data");
    },
  };
}

function observe({ instance, records, volumes, view }: PlanningParts): Observed {
  const found = volumes.observe();
  const resources = records.names().flatMap((name): ObservedResource[] => {
    const seen = view(name);
    // What serves: where the newest generation did not start, a plan compares with the one that was kept.
    const record = seen && records.generation(name, seen.generation);
    if (!record) return [];
    const status = records.status(name);
    return [
      {
        name,
        kind: record.resource.kind,
        component: record.resource.component,
        generation: status.generation,
        identity: record.identity,
        replicas: status.replicas,
        state: seen.state,
        health: seen.health,
        stopped: status.stopped,
        succeeded: status.succeeded,
        ranAgainst: status.ranAgainst,
        volumes: found.filter((volume) => volume.resource === name),
        references: record.needs.map((need) => need.resource),
        ...(record.optionals && { optionals: record.optionals }),
      },
    ];
  });
  return { instance, resources, volumes: found };
}

type Secret = Extract<Expression, { kind: "secret" }>;

/** Each once: many resources have one secret, and to look at it means to read its file. */
function secretsOf(resources: readonly Resource[]): Secret[] {
  const named = resources.flatMap((resource) => {
    const slots = [
      ...Object.values(resource.config),
      ...resource.files.map((file) => file.content),
      ...Object.values(resource.outputs).map((output) => output.value),
    ];
    return slots.flatMap((slot) => [...walk(slot)].filter((part): part is Secret => part.kind === "secret"));
  });
  return [...new Map(named.map((secret) => [secret.name, secret])).values()];
}
