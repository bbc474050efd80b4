import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { projectLayout } from "../client/project-layout.ts";
import type { Project } from "../client/project.ts";
import { processDriver } from "../drivers/process/process-driver.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { unitKey } from "../engine/unit-key.ts";
import { observeHost } from "../host/facts.ts";
import { serviceUser, type ServiceUser } from "../host/service-user.ts";
import { planner } from "../planning/prepare.ts";
import { openPorts } from "../ports/allocator.ts";
import { openSecrets } from "../secrets/store.ts";
import { unitProbes } from "../probes/unit-probes.ts";
import type { CrashPoint } from "../state/crash-at.ts";
import { openInstance } from "../state/instance.ts";
import { instanceLayout } from "../state/layout.ts";
import { acquireLock } from "../state/lock.ts";
import { prepareFolders, prepareInstanceFolders } from "../state/prepare-folders.ts";
import { writtenPerTurn } from "../state/per-turn.ts";
import { openState } from "../state/store.ts";
import { adoptRuns } from "./adopt-runs.ts";
import { addresses } from "./addresses.ts";
import type { Agent, CloseReason } from "./agent.ts";
import { agentInfo } from "./agent-info.ts";
import { agentLog } from "./agent-log.ts";
import { evaluator } from "./evaluate.ts";
import { files } from "./files.ts";
import { folders } from "./folders.ts";
import { createHub } from "./hub.ts";
import { createLease } from "./lease.ts";
import { logKeeper } from "./log-keeper.ts";
import { liveRedaction } from "./live-redaction.ts";
import { memoryRest } from "./memory-rest.ts";
import { planningWorld } from "./planning-world.ts";
import { removeInstance } from "./remove-instance.ts";
import { portMemory } from "./port-memory.ts";
import { prepareVolume } from "./prepare-volume.ts";
import { probeSpecs } from "./probe-specs.ts";
import { recordStore } from "./record-store.ts";
import { renewals } from "./renewals.ts";
import { createRoster } from "./roster.ts";
import { resumeRuns } from "./resume-runs.ts";
import { routes } from "./routes.ts";
import { act, runSchedule } from "./actions.ts";
import { schedules } from "./schedules.ts";
import { serve } from "./server.ts";
import { isTakenDown, recordTakenDown } from "./taken-down.ts";
import { startUnit } from "./start-unit.ts";
import { takeApart } from "./take-apart.ts";
import { volumes } from "./volumes.ts";
import { createWork } from "./work.ts";
import type { GenerationRecord } from "./records.ts";
import { openContainers } from "../target/open-containers.ts";
import { forgetTarget, recordTarget, settleTarget } from "../target/settle-target.ts";
import type { TargetName } from "../target/target.ts";

interface StartOptions {
  readonly target?: TargetName;
  /** Starts again what an earlier agent left and what no longer runs. Throws E_NOT_RUNNING where that is to stay off. */
  readonly resume?: boolean;
  /** Called around every write of the state, for the tests that crash there. */
  readonly crashPoint?: CrashPoint;
}

/** Puts an agent together, takes over what an earlier one left, and serves. Everything acquired is released by `close`. */
export async function startAgent(
  project: Project,
  { crashPoint = () => {}, target, resume = false }: StartOptions = {},
): Promise<Agent> {
  const layout = projectLayout(project);
  const uid = process.getuid?.() ?? 0;
  prepareFolders(layout, uid);
  const lock = acquireLock(layout.lockFile, layout.socket);
  const secrets = openSecrets(layout.secretsFolder, { uid, now: Date.now });
  const redaction = liveRedaction(layout.secretsFolder, secrets);
  const log = agentLog(join(layout.stateFolder, "agent.log"), redaction.text);
  const state = writtenPerTurn(
    openState(layout.stateFile, { scratch: tmpdir(), crashPoint, onEvent: (event) => log(JSON.stringify(event)) }),
  );
  const instance = openInstance(state, layout, project).id;
  const places = instanceLayout(layout, instance);
  prepareInstanceFolders(places, uid);
  const clockOffset = Date.now() - performance.now();
  // Whose the data is stays so, also when the host gets a user of our name later.
  const owner = serviceUser(uid, state.get<ServiceUser>("service-user"));
  if (owner) state.set("service-user", owner);
  const facts = observeHost(process.env, places.binaries);
  const records = recordStore(state, clockOffset);
  if (resume && (isTakenDown(state) || records.names().length === 0)) {
    const which = `stack ${project.stack} (${project.environment})`;
    throw new CaissonError("E_NOT_RUNNING", isTakenDown(state) ? `${which} was taken down` : `${which} never ran`);
  }
  const allocator = openPorts({ file: layout.leasesFile, instance });
  const where = addresses(allocator, portMemory(state));
  const dirs = folders(places, owner);
  const text = evaluator(where, dirs, secrets);
  const hub = createHub();
  const tell = (message: string): void => {
    log(message);
    hub.tell({ type: "note", message });
  };
  const ending = new AbortController();
  const delivered = files(dirs, owner, (value, record) => text.text(value, record));
  const secretVersions = (record: GenerationRecord): Record<string, string> =>
    Object.fromEntries(
      Object.keys(record.resource.process?.reset ?? {}).map((name) => [name, secrets.get(name)?.version ?? ""]),
    );
  const on = settleTarget(state, target);
  const containers =
    on === "docker" ? await openContainers({ project, instance, folders: dirs, secretVersions }) : undefined;
  const driver = containers?.driver ?? processDriver();
  const ofHost = volumes({
    root: dirs.volumes,
    instance,
    owner,
    secretVersions,
    prepare: async (record, volume, folder) => {
      await delivered.deliver(record);
      await prepareVolume(
        record,
        {
          cwd: dirs.makeRuntime(record.resource.name, record.launch.user),
          user: record.launch.user === "service" ? owner : undefined,
          facts,
          instance,
          signal: ending.signal,
        },
        (value) => text.text(value, record, { staging: { volume, folder } }),
      );
      // What the commands read (a password for initdb) was for them alone; the run gets files of its own generation.
      delivered.prune(record.resource.name, [records.status(record.resource.name).generation]);
    },
  });
  const data = containers?.volumes ?? ofHost;
  let runs = 0;
  const boot = randomBytes(4).toString("hex");
  const engine: Engine = createEngine({
    driver,
    probes: unitProbes((id) => probeSpecs(agent, id)),
    start: (id) => startUnit(agent, id),
    now: () => performance.now(),
    random: Math.random,
    journal: {
      unit: (unit, run) => roster.remember(unit, run),
      gone: (id) => records.dropUnit(id),
    },
    changed: (unit) => {
      roster.changed(unit.resource);
      slots.changed(unit);
    },
    gone: (id) => roster.gone(id),
    report: (id, message) => tell(`${unitKey(id)}: ${message}`),
  });
  const roster = createRoster({
    engine: {
      units: () => engine.units(),
      runOf: (id) => engine.runOf(id),
      generation: (name) => engine.generation(name),
      rollout: (name) => engine.rollout(name),
    },
    records,
    addresses: where,
    folders: dirs,
    files: delivered,
    hub,
    clockOffset,
  });
  const slots = schedules(
    {
      records,
      engine: { units: () => engine.units() },
      run: (name) => runSchedule(agent, name),
      now: Date.now,
      random: Math.random,
      log,
    },
    async () => (await import("./cron-slots.ts")).cronSlots,
  );
  const certificates = renewals({
    records,
    engine,
    driver,
    files: delivered,
    inContainers: containers !== undefined,
    evaluator: text,
    secrets,
    now: Date.now,
    restart: (name) => act(agent, name, "restart"),
    tell,
  });
  const logs = logKeeper(dirs, log);
  const memory = memoryRest();
  const work = createWork();
  const lease = createLease(() => {
    log("the lease was lost: going down");
    agent.recordDown();
    engine.dispatch({ type: "down", force: false });
    void roster.whenIdle().then(() => agent.close("down"));
  });
  const planning = planner(
    planningWorld({
      instance,
      facts,
      sharedPorts: driver.capabilities.sharedPorts,
      records,
      secrets,
      addresses: where,
      folders: dirs,
      volumes: data,
      evaluator: text,
      containers,
      view: (name) => roster.view(name),
    }),
  );

  const agent: Agent = {
    instance,
    log,
    compileCache: layout.compileCache,
    driver,
    containers,
    engine,
    records,
    folders: dirs,
    files: delivered,
    volumes: data,
    addresses: where,
    planner: planning,
    hub,
    lease,
    work,
    logs,
    schedules: slots,
    renewals: certificates,
    memory,
    roster,
    facts,
    serviceUser: owner,
    evaluate: (value, id, record) => text.text(value, record, { id }),
    nextRun: () => `${boot}-${++runs}`,
    recordUp() {
      recordTarget(state, on);
      recordTakenDown(state, false);
    },
    recordDown: () => recordTakenDown(state, true),
    info: () => agentInfo(project, on, instance, { leased: lease.held, busy: work.busy }, state.warnings),
    close: (reason) => close(reason),
  };

  const swept = await adoptRuns(agent, () => performance.now());
  if (swept > 0) log(`${swept} runs that no record knew were ended`);
  if (resume) for (const moved of await resumeRuns(agent)) tell(moved);
  slots.sync();
  const server = await serve(layout.socket, routes(agent), redaction.text);
  log(`serving on ${layout.socket}`);
  // Of what an earlier agent left running.
  certificates.look().catch((error: unknown) => log(`certificates could not be looked at: ${String(error)}`));

  let closing = false;
  function close(reason: CloseReason): void {
    if (closing) return;
    closing = true;
    log(`ends: ${reason}`);
    ending.abort();
    // The streams that end now are no loss of it.
    lease.giveUp();
    takeApart(log, [() => engine.close(), () => driver.close(), () => slots.close(), () => certificates.close()]);
    void server.finish(lastWordsMs).then(() => {
      takeApart(log, [
        () => logs.close(),
        () => reason === "removed" && removeInstance(places, layout.stateFolder),
        // Without data the stack is free to go elsewhere.
        () => reason === "removed" && forgetTarget(state),
        () => server.close(),
        () => allocator.close(),
        () => state.close(),
        () => lock.release(),
      ]);
      process.exit(0);
    });
  }
  return agent;
}

/** An answer that is not out after this long is cut off. */
const lastWordsMs = 1000;
