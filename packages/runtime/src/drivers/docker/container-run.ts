import { engineSocket } from "@caisson/core/run";
import type { GenerationRecord } from "../../agent/records.ts";
import type { ContainerRun } from "../driver.ts";
import { label } from "./labels.ts";

interface Parts {
  readonly record: GenerationRecord;
  readonly project: string;
  readonly instance: string;
  readonly stack: string;
  readonly environment: string;
  readonly hostPort: (port: string) => number;
  readonly networkName: (network: string) => string;
  readonly volumeName: (volume: string) => string;
  /** The host's path of a delivered file. */
  readonly file: (name: string) => string;
  /** Where the host has the engine's socket. */
  readonly engineSocket: string;
}

/**
 * The engine's own check is for its other tools: the agent asks over the wire, as often as it should. Each check starts a
 * program in the container; a dozen of Node each second is more than a core's work.
 */
const engineCheckMs = 30_000;

/** A container of a resource: everything that is the same for all of its runs. */
export function containerRun(parts: Parts): ContainerRun {
  const { record, project, instance, stack, environment } = parts;
  const { resource, launch } = record;
  const { container: facts } = launch;
  if (!facts) throw new Error(`${resource.name} has no container`);
  const { user, probeTiming } = { user: facts.user, probeTiming: resource.probeTiming };
  return {
    name: `${project}-${resource.name}`,
    image: facts.image,
    ...(facts.entrypoint && { entrypoint: facts.entrypoint.map(literalText) }),
    user: `${user.uid}:${user.gid}`,
    readOnlyRoot: facts.readOnlyRoot,
    tmpfs: tmpfsOf(facts.tmpfs, user),
    capAdd: facts.capAdd,
    init: facts.init,
    ulimits: facts.ulimits,
    ...(facts.shmBytes !== undefined && { shmBytes: facts.shmBytes }),
    mounts: [
      ...facts.mounts.map(({ volume, path, ownedByImage }) => ({
        type: "volume" as const,
        source: parts.volumeName(volume),
        target: path,
        readOnly: false,
        noCopy: !ownedByImage,
      })),
      ...Object.entries(facts.files).map(([name, target]) => ({
        type: "bind" as const,
        source: parts.file(name),
        target,
        readOnly: true,
      })),
      ...facts.hostPaths.map(({ host, path }) => ({
        type: "bind" as const,
        source: host === engineSocket ? parts.engineSocket : host,
        target: path,
        readOnly: true,
      })),
    ],
    networks: facts.networks.map(({ name }) => ({ name: parts.networkName(name), aliases: [resource.name] })),
    ports: facts.ports.map(({ name, inner, where }) => ({
      inner,
      host: parts.hostPort(name),
      address: where === "loopback" ? "127.0.0.1" : "0.0.0.0",
    })),
    ...(facts.health && {
      health: {
        argv: facts.health.map(literalText),
        intervalMs: Math.max(probeTiming.intervalMs, engineCheckMs),
        timeoutMs: Math.max(probeTiming.timeoutMs, 5000),
        retries: probeTiming.failureThreshold,
        startPeriodMs: probeTiming.startPeriodMs,
      },
    }),
    stopSignal: resource.stop.signal,
    stopGraceMs: resource.stop.graceMs,
    ...(resource.resources.reservations.memory !== undefined && {
      reservedMemory: resource.resources.reservations.memory,
    }),
    log: facts.log,
    labels: {
      [label.instance]: instance,
      [label.stack]: stack,
      [label.environment]: environment,
      [label.resource]: resource.name,
      [label.project]: project,
      [label.service]: resource.name,
    },
  };
}

function tmpfsOf(
  folders: readonly { readonly path: string; readonly bytes?: number; readonly mode?: number }[],
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Record<string, string> {
  const own = folders.map(({ path, bytes, mode = 0o700 }): [string, string] => [
    path,
    `mode=${mode.toString(8)},uid=${uid},gid=${gid}${bytes === undefined ? "" : `,size=${bytes}`}`,
  ]);
  return { "/tmp": "mode=1777", ...Object.fromEntries(own) };
}

/** Addresses and paths were filled in when the launch was made; what holds a secret is in files only. */
function literalText(value: {
  readonly kind: string;
  readonly value?: unknown;
  readonly parts?: readonly unknown[];
}): string {
  if (value.kind === "literal") return typeof value.value === "string" ? value.value : JSON.stringify(value.value);
  if (value.kind === "concat") return (value.parts ?? []).map((part) => literalText(part as never)).join("");
  throw new Error(`expected text, got a ${value.kind}`);
}
