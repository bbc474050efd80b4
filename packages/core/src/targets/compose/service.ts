import { containerLabels } from "../../model/container-labels.ts";
import type { Expression, Json } from "../../model/expression.ts";
import type { Condition, Resource, RestartPolicy } from "../../model/resource.ts";
import { containerLaunch, type ContainerLaunch, type LaunchFile } from "../container/launch.ts";
import type { Network } from "../container/networks.ts";
import { ownedByRoot } from "../container/owned-by-root.ts";
import { insidePlaces, type Places } from "../container/places.ts";
import { plainText } from "../container/text.ts";
import type { ComposeContext } from "./context.ts";
import { onOneHost, publishedPorts } from "./ports.ts";
import { volumeMount, volumeOwnerName } from "./volume-owner.ts";
import { escapeDollars, imageText, seconds } from "./words.ts";

/** One resource as a service of a compose file, and the files it reads. */
export interface ComposeService {
  readonly resource: Resource;
  readonly launch: ContainerLaunch;
  readonly places: Places;
  readonly body: { readonly [key: string]: Json };
}

/** A service by compose-spec; `undefined` for what does not run in containers. */
export function composeService(context: ComposeContext, resource: Resource): ComposeService | undefined {
  const { byName, stack } = context;
  const launch = containerLaunch(resource, byName);
  if (!launch) return undefined;
  const { facet, files } = launch;
  const places = insidePlaces(launch, byName, context.image);
  const text = (value: Expression): string => escapeDollars(plainText(value, places));
  const secrets = files.filter((file) => file.secret);
  const configs = files.filter((file) => !file.secret);
  const uid = `${facet.user.uid}:${facet.user.gid}`;
  const ports = publishedPorts(resource, onOneHost(stack, resource));
  const body: Record<string, Json | undefined> = {
    image: imageText(facet.image, context.image.reference),
    ...buildOf(context, resource),
    ...commandOf(resource, launch, text),
    environment: filled(mapValues(launch.env, text)),
    user: uid,
    read_only: facet.readOnlyRoot,
    cap_drop: ["ALL"],
    cap_add: facet.capAdd.length > 0 ? [...facet.capAdd].sort() : undefined,
    security_opt: ["no-new-privileges:true"],
    init: facet.init || undefined,
    tmpfs: tmpfsOf(facet),
    shm_size: facet.shmBytes === undefined ? undefined : `${facet.shmBytes}b`,
    ulimits: filled(mapValues(facet.ulimits, ({ soft, hard }) => ({ soft, hard }))),
    volumes: mountsOf(resource, launch),
    secrets: filledList(secrets.map((file) => fileUse(resource, file))),
    configs: filledList(configs.map((file) => fileUse(resource, file))),
    ports: filledList(ports),
    networks: networksOf(resource, context.networks),
    depends_on: filled({
      ...dependsOn(context, resource.name),
      ...(ownedByRoot(facet).length > 0 && {
        [volumeOwnerName(resource.name)]: { condition: "service_completed_successfully" },
      }),
    }),
    healthcheck: healthcheckOf(resource, launch, text),
    restart: restartText(resource.restart),
    stop_signal: resource.stop.signal,
    stop_grace_period: seconds(resource.stop.graceMs),
    logging: {
      driver: "json-file",
      options: { "max-size": String(facet.log.maxBytes), "max-file": String(facet.log.files) },
    },
    deploy: deployOf(resource),
    profiles: resource.kind === "command" ? ["commands"] : undefined,
    labels: {
      [containerLabels.stack]: stack.name,
      [containerLabels.environment]: stack.environment,
      [containerLabels.resource]: resource.name,
    },
  };
  return { resource, launch, places, body: defined(body) };
}

/** An image that is built here is never asked for in a registry: one of that name there would be somebody else's. */
function buildOf({ image, builder }: ComposeContext, { name, container }: Resource): Record<string, Json> {
  if (container?.image.kind !== "stack" || image.context === undefined) return {};
  return { ...(name === builder && { build: { context: image.context } }), pull_policy: "never" };
}

/** What `docker compose run` is given takes the place of a service's command: a command's own words are before that. */
function commandOf(
  { kind }: Resource,
  { facet, command }: ContainerLaunch,
  text: (value: Expression) => string,
): Record<string, Json | undefined> {
  if (kind === "command") return { entrypoint: [...(facet.entrypoint ?? []), ...command].map(text) };
  return {
    entrypoint: facet.entrypoint?.map(text),
    command: command.length > 0 ? command.map(text) : undefined,
  };
}

/** The name of a file in the file's own sections; a resource's name has no dot, so no two files share one. */
export function fileKey(resource: Resource, file: LaunchFile): string {
  return `${resource.name}.${file.name}`;
}

/** Compose binds a file of the host as it is; an owner or a mode would be ignored, with a warning for each. */
function fileUse(resource: Resource, file: LaunchFile): Json {
  return { source: fileKey(resource, file), target: file.path };
}

function tmpfsOf({ tmpfs, user }: ContainerLaunch["facet"]): string[] {
  const own = tmpfs.map(({ path, bytes, mode = 0o700 }) => {
    const size = bytes === undefined ? "" : `,size=${bytes}`;
    return `${path}:mode=${mode.toString(8)},uid=${user.uid},gid=${user.gid}${size}`;
  });
  return tmpfs.some(({ path }) => path === "/tmp") ? own : ["/tmp:mode=1777", ...own];
}

function mountsOf(resource: Resource, { facet }: ContainerLaunch): Json | undefined {
  const volumes = facet.mounts.map(({ volume, path, ownedByImage }) =>
    volumeMount(resource.name, volume, path, ownedByImage),
  );
  const host = facet.hostPaths.map(({ host: source, path }): Json => ({
    type: "bind",
    source,
    target: path,
    read_only: true,
  }));
  return filledList([...volumes, ...host]);
}

/** The network of what talks to nobody: the engine's default network would let it. */
export const alone = "alone";

function networksOf(resource: Resource, networks: readonly Network[]): Json {
  const own = networks.filter(({ members }) => members.includes(resource.name)).map(({ name }) => name);
  return own.length > 0 ? own : [alone];
}

const conditions = {
  started: "service_started",
  healthy: "service_healthy",
  completed: "service_completed_successfully",
} as const satisfies Record<Condition, string>;

const strictness: readonly Condition[] = ["started", "healthy", "completed"];

function dependsOn({ edgesFrom, byName }: ComposeContext, name: string): Record<string, Json> {
  const gates = new Map<string, Condition>();
  for (const { to, strength, condition } of edgesFrom.get(name) ?? []) {
    const facet = byName.get(to)?.container;
    if (strength !== "needs" || !facet) continue;
    const asked = condition === "healthy" && !facet.health ? "started" : condition;
    const known = gates.get(to);
    if (!known || strictness.indexOf(asked) > strictness.indexOf(known)) gates.set(to, asked);
  }
  return Object.fromEntries([...gates].map(([to, condition]) => [to, { condition: conditions[condition] }]));
}

function healthcheckOf(
  { probeTiming }: Resource,
  { facet }: ContainerLaunch,
  text: (value: Expression) => string,
): Json | undefined {
  if (!facet.health) return undefined;
  const { intervalMs, timeoutMs, failureThreshold, startPeriodMs, startIntervalMs } = probeTiming;
  return {
    test: ["CMD", ...facet.health.argv.map(text)],
    interval: seconds(intervalMs),
    // A command inside takes the time of its own start on top of the answer's.
    timeout: seconds(Math.max(timeoutMs, 5000)),
    retries: facet.health.failureThreshold ?? failureThreshold,
    start_period: seconds(startPeriodMs),
    start_interval: seconds(startIntervalMs),
  };
}

function restartText({ policy, crashLoopAfter }: RestartPolicy): string {
  if (policy === "always") return "unless-stopped";
  return policy === "no" ? "no" : `on-failure:${crashLoopAfter}`;
}

function deployOf({ replicas, resources: { limits, reservations } }: Resource): Json | undefined {
  const amounts = ({ cpus, memory, pids }: typeof limits): Json | undefined =>
    filled(
      defined({
        cpus: cpus === undefined ? undefined : String(cpus),
        memory: memory === undefined ? undefined : String(memory),
        pids,
      }),
    );
  const resources = filled(defined({ limits: amounts(limits), reservations: amounts(reservations) }));
  return filled(defined({ replicas: replicas === 1 ? undefined : replicas, resources }));
}

/** Drops absent values: YAML would print them as null, which means something else. */
function defined(values: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function filled(values: Readonly<Record<string, Json>>): Json | undefined {
  return Object.keys(values).length > 0 ? values : undefined;
}

function filledList(values: readonly Json[]): Json | undefined {
  return values.length > 0 ? values : undefined;
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
