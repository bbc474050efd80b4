import { CaissonError, type SecretSource } from "@caisson/core/run";
import { evaluator } from "../agent/evaluate.ts";
import { addresses } from "../agent/addresses.ts";
import { runToEnd } from "../agent/prepare-volume.ts";
import { serviceUser } from "../host/service-user.ts";
import { openPorts } from "../ports/allocator.ts";
import { remakeSecret } from "../secrets/make-secrets.ts";
import { openSecrets as openStore, type SecretStore } from "../secrets/store.ts";
import { prepareFolders } from "../state/prepare-folders.ts";
import { readStamp, writeStamp } from "../state/stamp.ts";
import { connectAgent } from "./connect.ts";
import { openOffline, type Offline } from "./offline.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";
import { volumesOf } from "./volumes-of.ts";

/** The secrets of a project. */
export type ProjectSecrets = Pick<SecretStore, "list" | "get" | "setProvided">;

/** Opens a project's secrets; they are files, an agent is not needed. */
export function openSecrets(project: Project): ProjectSecrets {
  return openStoreOf(project);
}

/** The store itself, for what does more with it than a person does. */
export function openStoreOf(project: Project): SecretStore {
  const layout = projectLayout(project);
  const uid = process.getuid?.() ?? 0;
  prepareFolders(layout, uid);
  return openStore(layout.secretsFolder, { uid, now: Date.now });
}

/**
 * Makes a generated secret anew. Where a store's data knows the old one, the store is told the new one by its own
 * single-user command, for which it must not run. Programs take the new version at the next `up`.
 */
export async function resetSecret(project: Project, name: string, source: SecretSource): Promise<void> {
  const holder = volumesOf(project).find(({ path }) => readStamp(path)?.secretVersions[name] !== undefined);
  if (!holder) return remakeSecret(openStoreOf(project), { name, source }, Date.now);
  const running = new CaissonError("E_RUNNING", `${holder.resource} must not run while ${name} is made anew`);
  if (await connectAgent(project)) throw running;
  const offline = await openOffline(project);
  try {
    // An agent that was killed leaves its store running, which would keep to the old one.
    const { resources } = await offline.resources();
    if (resources.some((view) => view.name === holder.resource && view.pids.length > 0)) throw running;
    if (offline.target !== "process")
      throw new CaissonError(
        "E_NOT_IMPLEMENTED",
        `telling ${holder.resource} a new ${name} on ${offline.target} is not built yet`,
      );
    const owner = offline.records.latest(holder.resource);
    await remakeSecret(offline.secrets, { name, source }, Date.now);
    if (owner) await tell(offline, owner, name, holder.path);
  } finally {
    offline.close();
  }
}

type Owner = NonNullable<ReturnType<Offline["records"]["latest"]>>;

async function tell(offline: Offline, owner: Owner, name: string, folder: string): Promise<void> {
  const { resource, launch } = owner;
  const step = resource.process?.reset[name];
  if (!step) return;
  const ports = openPorts({ file: offline.layout.leasesFile, instance: offline.instance });
  try {
    const { text } = evaluator(
      addresses(ports, { get: () => undefined, set: () => {}, delete: () => {} }),
      offline.folders,
      offline.secrets,
    );
    const user = launch.user === "service" ? serviceUser(process.getuid?.() ?? 0) : undefined;
    const { instance, facts, folders } = offline;
    const world = { cwd: folders.makeRuntime(resource.name, launch.user), user, facts, instance };
    await runToEnd(
      owner,
      world,
      step.argv.map((each) => text(each, owner)),
      text(step.stdin, owner),
    );
  } finally {
    ports.close();
  }
  const stamp = readStamp(folder);
  const version = offline.secrets.get(name)?.version;
  if (stamp && version !== undefined)
    writeStamp(folder, { ...stamp, secretVersions: { ...stamp.secretVersions, [name]: version } });
}
