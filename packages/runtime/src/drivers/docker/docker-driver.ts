import { createWriteStream, statSync } from "node:fs";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import type Dockerode from "dockerode";
import type { Exit } from "@caisson/core/run";
import type { Adoption, Driver, RunRecord, RunSpec } from "../driver.ts";
import { containerOptions } from "./container-options.ts";
import { createContainer, startError } from "./create-container.ts";
import { exitOf } from "./exit-of.ts";
import { answered, ignoringGone, isStatus } from "./is-status.ts";
import { label } from "./labels.ts";
import { stopAndRemove } from "./stop-and-remove.ts";

/** What a record keeps of a container. */
export interface ContainerData {
  readonly id: string;
  /** Where the engine's host reaches it; `null` on no network. */
  readonly address: string | null;
}

/**
 * Runs replicas as containers of a local Docker Engine. A container is made for each run and stays, ended, until the next
 * run of its replica or the end of the stack, so that whoever comes later learns how it ended.
 */
export function dockerDriver(docker: Dockerode): Driver {
  const closing = new AbortController();
  const follow = async (id: string, logFile: string, since: number): Promise<void> => {
    const stream = await docker.getContainer(id).logs({ follow: true, stdout: true, stderr: true, since });
    closing.signal.addEventListener("abort", () => (stream as unknown as { destroy(): void }).destroy(), {
      once: true,
    });
    const file = createWriteStream(logFile, { flags: "a", mode: 0o600 });
    docker.modem.demuxStream(stream, file, file);
    // One that breaks off has no end.
    stream.once("close", () => file.end());
    await finished(file);
  };
  const logs = new Map<string, Promise<void>>();
  const keepLog = (id: string, logFile: string, since: number): void => {
    if (logs.has(id) || closing.signal.aborted) return;
    const kept = follow(id, logFile, since)
      // A log that breaks off tells nothing about the run; it goes on in the engine's own.
      .catch(() => {})
      .finally(() => logs.delete(id));
    logs.set(id, kept);
  };
  return {
    name: "docker",
    capabilities: { sharedPorts: true, limits: true },
    async spawn(unit, spec) {
      await removeOthers(docker, spec);
      const container = await createContainer(docker, spec, containerOptions(spec, unit.replica));
      try {
        await container.start();
      } catch (error) {
        // One that cannot be removed now goes before the next start; why this one failed is what people need.
        await container.remove({ force: true, v: true }).catch(() => {});
        throw startError(spec, error);
      }
      keepLog(container.id, spec.logFile, 0);
      const { State, NetworkSettings } = await container.inspect();
      const address =
        Object.values(NetworkSettings.Networks).find(({ IPAddress }) => IPAddress !== "")?.IPAddress ?? null;
      const data: ContainerData = { id: container.id, address };
      return {
        driver: "docker",
        marker: spec.marker,
        pid: State.Pid === 0 ? null : State.Pid,
        data: { ...data, logFile: spec.logFile },
      };
    },
    async ended(record) {
      const container = docker.getContainer(dataOf(record).id);
      const { logFile } = record.data as { logFile: string };
      for (;;) {
        try {
          await container.wait({ abortSignal: closing.signal } as object).catch((error: unknown) => {
            if (!isStatus(error, 404)) throw error;
          });
          await logs.get(container.id);
          return await exitNow(docker, container.id);
        } catch (error) {
          // A closed driver ends a watch early; its engine no longer listens.
          if (closing.signal.aborted) return await new Promise<never>(() => {});
          if (answered(error)) throw error;
          // The engine restarts, or was cut off: what runs in it may go on, and its end must not be missed.
          await delay(1000);
          keepLog(container.id, logFile, lastWritten(logFile));
        }
      }
    },
    async signal(record, signal) {
      await ignoringGone(() => docker.getContainer(dataOf(record).id).kill({ signal }));
    },
    async kill(record) {
      await ignoringGone(() => docker.getContainer(dataOf(record).id).kill({ signal: "SIGKILL" }));
    },
    async adopt(record): Promise<Adoption> {
      const { id } = dataOf(record);
      const found = await inspect(docker, id);
      if (!found) return { found: "lost" };
      if (found.Config.Labels[label.marker] !== record.marker) return { found: "foreign" };
      if (!found.State.Running) return { found: "ended", exit: exitOf(found.State) };
      const { logFile } = record.data as { logFile: string };
      keepLog(id, logFile, lastWritten(logFile));
      return { found: "alive" };
    },
    async sweep(known, prefix) {
      const keep = new Set(known.map(({ marker }) => marker));
      const all = await docker.listContainers({ all: true, filters: { label: [label.marker] } });
      const strays = all.filter(({ Labels }) => {
        const marker = Labels[label.marker] ?? "";
        return marker.startsWith(prefix) && !keep.has(marker);
      });
      for (const { Id } of strays) await ignoringGone(() => docker.getContainer(Id).remove({ force: true, v: true }));
      return strays.filter(({ State }) => State === "running").length;
    },
    close() {
      closing.abort();
    },
  };
}

/** `data` is what `spawn` put there; the state stores it as it is. */
export function dataOf(record: RunRecord): ContainerData {
  return record.data as ContainerData;
}

/**
 * Earlier containers of the same replica: a run is known by its successor from here on. One may run again, for `docker restart`
 * ends a container, which is the end of its run here, and starts it: beside it there would be two on the same data.
 */
async function removeOthers(docker: Dockerode, { marker }: RunSpec): Promise<void> {
  const unit = marker.slice(0, marker.lastIndexOf("/"));
  const others = await docker.listContainers({ all: true, filters: { label: [`${label.unit}=${unit}`] } });
  for (const other of others) await stopAndRemove(docker, other);
}

async function inspect(docker: Dockerode, id: string): Promise<Dockerode.ContainerInspectInfo | undefined> {
  try {
    return await docker.getContainer(id).inspect();
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

async function exitNow(docker: Dockerode, id: string): Promise<Exit> {
  const found = await inspect(docker, id);
  return found ? exitOf(found.State) : { code: null, signal: null, oom: false };
}

function lastWritten(logFile: string): number {
  const found = statSync(logFile, { throwIfNoEntry: false });
  return found ? found.mtimeMs / 1000 : 0;
}
