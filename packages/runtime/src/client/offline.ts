import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Unit } from "@caisson/core/run";
import { addresses } from "../agent/addresses.ts";
import { evaluator } from "../agent/evaluate.ts";
import { folders, type Folders } from "../agent/folders.ts";
import { planningWorld } from "../agent/planning-world.ts";
import { mergeLogs } from "../agent/log-lines.ts";
import { logReading, type LastLines } from "../agent/log-reading.ts";
import type { LogLine, LogQuery, PlanDocument, ResourcesDocument, UpRequest } from "../agent/protocol.ts";
import { portMemory } from "../agent/port-memory.ts";
import { recordStore, type RecordStore } from "../agent/record-store.ts";
import { createRoster } from "../agent/roster.ts";
import { volumes, type Volumes } from "../agent/volumes.ts";
import type { Driver, RunRecord } from "../drivers/driver.ts";
import { processDriver } from "../drivers/process/process-driver.ts";
import { unitKey } from "../engine/unit-key.ts";
import { observeHost, type HostFacts } from "../host/facts.ts";
import { serviceUser, type ServiceUser } from "../host/service-user.ts";
import { openLogReader, type LogReader } from "../logs/log-reader.ts";
import { planner } from "../planning/prepare.ts";
import { openPorts } from "../ports/allocator.ts";
import { openSecrets, type SecretStore } from "../secrets/store.ts";
import { openInstance } from "../state/instance.ts";
import { instanceLayout, type Layout } from "../state/layout.ts";
import { prepareFolders, prepareSharedFolders } from "../state/prepare-folders.ts";
import { openState, type State } from "../state/store.ts";
import { openContainers } from "../target/open-containers.ts";
import { recordedTarget } from "../target/settle-target.ts";
import type { TargetName } from "../target/target.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";

/** A look at a stack whose agent does not run: what its state remembers, checked against what is really there. */
export interface Offline {
  readonly instance: string;
  readonly target: TargetName;
  readonly layout: Layout;
  readonly records: RecordStore;
  readonly volumes: Volumes;
  readonly folders: Folders;
  readonly secrets: SecretStore;
  readonly facts: HostFacts;
  resources(): Promise<ResourcesDocument>;
  plan(request: UpRequest): Promise<PlanDocument>;
  /** What the log files hold; there is nothing to follow. */
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<LogLine>;
  close(): void;
}

/** Opens the state; nothing is started and no secret is made. A stack that never ran has an empty one, and gets no folder. */
export async function openOffline(project: Project, target?: TargetName): Promise<Offline> {
  const layout = projectLayout(project);
  const uid = process.getuid?.() ?? 0;
  const ran = existsSync(layout.stateFolder);
  if (ran) prepareFolders(layout, uid);
  else prepareSharedFolders(layout, uid);
  const state = existsSync(layout.stateFile) ? openState(layout.stateFile, { scratch: tmpdir() }) : noState;
  const instance = existsSync(layout.stateFile) ? openInstance(state, layout, project).id : "new";
  const owner = serviceUser(uid, state.get<ServiceUser>("service-user"));
  const places = instanceLayout(layout, instance);
  const dirs = folders(places, owner);
  const facts = observeHost(process.env, places.binaries);
  const records = recordStore(state, Date.now() - performance.now());
  const secrets = ran ? openSecrets(layout.secretsFolder, { uid, now: Date.now }) : noSecrets;
  const allocator = openPorts({ file: layout.leasesFile, instance });
  const where = addresses(allocator, portMemory(state));
  const on = target ?? recordedTarget(state) ?? "process";
  const containers =
    on === "docker"
      ? await openContainers({ project, instance, folders: dirs, secretVersions: () => ({}) })
      : undefined;
  const data =
    containers?.volumes ??
    volumes({
      root: places.data,
      instance,
      owner,
      secretVersions: () => ({}),
      prepare: () => Promise.reject(new Error("offline")),
    });
  const driver = containers?.driver ?? processDriver();
  const units = await unitsNow(records, driver);
  const roster = createRoster({
    engine: {
      units: () => units.map(({ unit }) => unit),
      runOf: (id) => units.find(({ unit }) => unitKey(unit) === unitKey(id))?.run ?? undefined,
      rollout: () => "none",
      generation: (name) => units.findLast(({ unit, run }) => unit.resource === name && run !== null)?.unit.generation,
    },
    records,
    addresses: where,
    folders: dirs,
    files: { deliver: () => Promise.resolve(), changed: () => [], prune: () => {} },
    hub: { tell: () => {}, listen: () => (async function* () {})() },
    clockOffset: 0,
  });
  const logs = logFiles(dirs);
  const world = planningWorld({
    instance,
    facts,
    sharedPorts: driver.capabilities.sharedPorts,
    records,
    secrets,
    addresses: where,
    folders: dirs,
    volumes: data,
    evaluator: evaluator(where, dirs, secrets),
    containers,
    view: (name) => roster.view(name),
  });
  return {
    instance,
    target: on,
    layout,
    records,
    volumes: data,
    folders: dirs,
    secrets,
    facts,
    async resources() {
      return { resources: roster.views(), skipped: [] };
    },
    async plan(request) {
      const { plan, text, notes, stack } = await planner(world).prepare(request);
      return { plan, text, notes, skipped: stack.skipped };
    },
    logs: (query, signal = new AbortController().signal) =>
      mergeLogs(
        roster.logSources(query.resources).filter(({ file }) => existsSync(file)),
        logs,
        { ...query, follow: false },
        signal,
      ),
    close() {
      logs.close();
      driver.close();
      allocator.close();
      if (state !== noState) state.close();
    },
  };
}

/** Logs that nobody keeps: read as they are, left as they are. */
function logFiles(dirs: Folders): LastLines & { close(): void } {
  const opened = new Map<string, LogReader>();
  const open = (resource: string, replica: number): LogReader => {
    const path = dirs.log(resource, replica);
    const reader = opened.get(path) ?? openLogReader(path);
    opened.set(path, reader);
    return reader;
  };
  return { ...logReading(open), close: () => opened.forEach((reader) => reader.close()) };
}

/** Units as they are now: what the state calls running and is gone has ended. */
async function unitsNow(
  records: RecordStore,
  driver: Driver,
): Promise<readonly { unit: Unit; run: RunRecord | null }[]> {
  return Promise.all(
    records.units().map(async ({ unit, run, clockOffset }) => {
      const wall = (time: number | null): number | null => (time === null ? null : time + clockOffset);
      const timed = {
        ...unit,
        since: unit.since + clockOffset,
        startedAt: wall(unit.startedAt),
        readyAt: wall(unit.readyAt),
      };
      const alive = run !== null && (await driver.adopt(run)).found === "alive";
      if (alive || unit.state === "Completed" || unit.state === "Failed")
        return { unit: timed, run: alive ? run : null };
      const ended = { state: "Exited", health: "Unknown", waitingFor: [], detail: "nothing runs it" } as const;
      return { unit: { ...timed, ...ended }, run: null };
    }),
  );
}

/** A state that holds nothing and takes nothing. */
const noState: State = {
  get: () => undefined,
  set: () => {},
  delete: () => {},
  entries: () => [],
  transaction: (work) => work(),
  flush: () => true,
  warnings: [],
  close: () => true,
};

/** Secrets of a stack that has none yet. */
const noSecrets: SecretStore = {
  get: () => undefined,
  list: () => [],
  everything: () => [],
  ensureGenerated: looksOnly,
  ensureMade: looksOnly,
  setProvided: looksOnly,
  reset: looksOnly,
};

function looksOnly(): never {
  throw new Error("offline");
}
