import type { ContainerInspectInfo } from "dockerode";
import type { FieldDifference } from "../driver.ts";
import type { ContainerOptions } from "./container-options.ts";

/** What of a container can be changed while it runs, against how it was made: limits, restart policy, networks, a pause. */
export function driftOf({ options, more }: ContainerOptions, found: ContainerInspectInfo): FieldDifference[] {
  const { HostConfig: made = {}, name } = options;
  const { HostConfig: has } = found;
  const wanted = [made.NetworkMode ?? "none", ...more.map((each) => each.name)];
  const joined = Object.keys(found.NetworkSettings.Networks);
  return [
    ...field("name", options.name, named(found, name) ? name : found.Name.slice(1)),
    ...field("memory", bytes(made.Memory), bytes(has.Memory)),
    ...field("memory and swap", bytes(made.MemorySwap), bytes(has.MemorySwap)),
    ...field("reserved memory", bytes(made.MemoryReservation), bytes(has.MemoryReservation)),
    ...field("cpus", cpus(made.NanoCpus), cpus(has.NanoCpus)),
    ...field("pids", count(made.PidsLimit), count(has.PidsLimit)),
    ...field("restart policy", made.RestartPolicy?.Name ?? "no", has.RestartPolicy?.Name || "no"),
    ...wanted
      .filter((each) => !joined.includes(each))
      .flatMap((each) => field(`network ${each}`, "joined", "not joined")),
    ...joined
      .filter((each) => !wanted.includes(each))
      .flatMap((each) => field(`network ${each}`, "not joined", "joined")),
    ...field("state", "running", found.State.Paused ? "paused" : "running"),
  ];
}

function field(name: string, expected: string, got: string): FieldDifference[] {
  return expected === got ? [] : [{ field: name, expected, got }];
}

/** One that was made beside its predecessor has a number after its name. */
function named({ Name }: ContainerInspectInfo, name: string): boolean {
  return Name === `/${name}` || Name.startsWith(`/${name}-`);
}

/** An engine says 0, -1 or nothing for what has no limit. */
function limited(value: number | null | undefined): value is number {
  return value !== undefined && value !== null && value > 0;
}

function bytes(value: number | undefined): string {
  return limited(value) ? `${Math.round(value / 1024 ** 2)} MB` : "no limit";
}

function cpus(value: number | undefined): string {
  return limited(value) ? String(value / 1e9) : "no limit";
}

function count(value: number | null | undefined): string {
  return limited(value) ? String(value) : "no limit";
}
