import { availableParallelism } from "node:os";
import type { ContainerCreateOptions } from "dockerode";
import type { ContainerRun, RunSpec } from "../driver.ts";
import { noCopy } from "./give-volume.ts";
import { label } from "./labels.ts";

/** A container to be made, and the networks after its first, which are joined before the start. */
export interface ContainerOptions {
  readonly options: ContainerCreateOptions & {
    readonly name: string;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly more: readonly { readonly name: string; readonly aliases: readonly string[] }[];
}

/** A run as the Engine API wants it. */
export function containerOptions(spec: RunSpec, replica: number): ContainerOptions {
  const { container: run } = spec;
  if (!run) throw new Error("a container's run has no container");
  const [first, ...more] = run.networks;
  const options = {
    name: `${run.name}-${replica + 1}`,
    Image: run.image,
    ...(run.entrypoint && { Entrypoint: [...run.entrypoint] }),
    ...(spec.argv.length > 0 && { Cmd: [...spec.argv] }),
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    User: run.user,
    ...(spec.cwd !== "" && { WorkingDir: spec.cwd }),
    Labels: labelsOf(spec, run, replica),
    StopSignal: run.stopSignal,
    StopTimeout: Math.ceil(run.stopGraceMs / 1000),
    ...(run.health && {
      Healthcheck: {
        Test: ["CMD", ...run.health.argv],
        Interval: nanoseconds(run.health.intervalMs),
        Timeout: nanoseconds(run.health.timeoutMs),
        Retries: run.health.retries,
        StartPeriod: nanoseconds(run.health.startPeriodMs),
      },
    }),
    ExposedPorts: Object.fromEntries(run.ports.map(({ inner }) => [`${inner}/tcp`, {}])),
    HostConfig: {
      // The agent restarts: with backoff, and only what should run.
      RestartPolicy: { Name: "no" },
      ReadonlyRootfs: run.readOnlyRoot,
      CapDrop: ["ALL"],
      CapAdd: [...run.capAdd],
      SecurityOpt: ["no-new-privileges:true"],
      Init: run.init,
      Tmpfs: { ...run.tmpfs },
      Mounts: run.mounts.map((mount) => ({
        Type: mount.type,
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
        ...(mount.noCopy === true && { VolumeOptions: noCopy }),
      })),
      PortBindings: Object.fromEntries(
        run.ports.map(({ inner, host, address }) => [`${inner}/tcp`, [{ HostIp: address, HostPort: String(host) }]]),
      ),
      LogConfig: {
        Type: "json-file",
        Config: { "max-size": String(run.log.maxBytes), "max-file": String(run.log.files) },
      },
      ...(run.shmBytes !== undefined && { ShmSize: run.shmBytes }),
      ...(spec.limits.memory !== undefined && { Memory: spec.limits.memory, MemorySwap: spec.limits.memory }),
      // More than the host has is no limit, but an engine refuses it; planning warns.
      ...(spec.limits.cpus !== undefined && {
        NanoCpus: Math.round(Math.min(spec.limits.cpus, availableParallelism()) * 1e9),
      }),
      ...(spec.limits.pids !== undefined && { PidsLimit: spec.limits.pids }),
      ...(run.reservedMemory !== undefined && { MemoryReservation: run.reservedMemory }),
      Ulimits: Object.entries(run.ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
      // The engine asks the host's name servers for a name that is no longer on a network, and some never answer: who asks
      // gives up in two seconds, not in ten, and can tell that what it needs is gone.
      DnsOptions: ["timeout:1", "attempts:2"],
      NetworkMode: first?.name ?? "none",
    },
    ...(first && { NetworkingConfig: { EndpointsConfig: { [first.name]: { Aliases: [...first.aliases] } } } }),
  };
  return { options, more };
}

function labelsOf(spec: RunSpec, run: ContainerRun, replica: number): Record<string, string> {
  return {
    ...run.labels,
    [label.marker]: spec.marker,
    [label.unit]: spec.marker.slice(0, spec.marker.lastIndexOf("/")),
    [label.number]: String(replica + 1),
    [label.oneoff]: "False",
  };
}

function nanoseconds(ms: number): number {
  return ms * 1_000_000;
}
