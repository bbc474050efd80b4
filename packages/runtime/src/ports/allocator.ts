import { createHash } from "node:crypto";
import { CaissonError } from "@caisson/core/run";
import { canBind, freePort } from "./bind-check.ts";
import { openLeases } from "./leases.ts";
import { portOwner } from "./port-owner.ts";

/** One port that is asked for. */
export interface PortRequest {
  /** `resource/port`, unique within the instance. */
  readonly key: string;
  /** The number people know; 0 = any stable one. */
  readonly wanted: number;
  /** `true`: this number or an error. */
  readonly fixed: boolean;
  readonly host: string;
  /** `true`: what we run listens on it now, so that it cannot be bound says nothing. */
  readonly held: boolean;
}

/** `note`: one sentence for people when it is not the wanted number. */
export interface PortGrant {
  readonly port: number;
  readonly note?: string;
}

/** Ports of one instance. A port is stable: the same key gets the same number as long as nobody else took it. */
export interface PortAllocator {
  allocate(request: PortRequest): Promise<PortGrant>;
  /** A free port that is nobody's, for a listener of one run. */
  any(host: string): Promise<number>;
  close(): void;
}

/** Where moved ports go; above the numbers people choose, below those the kernel hands out. */
const range = { first: 20_000, count: 10_000 };

/**
 * `file`: leases shared by all stacks of this user on this host, so that two never pick one port. A free port is one
 * that nobody leases whose agent lives, and that can be bound exclusively: `reusePort` would let a second stack in.
 */
export function openPorts({ file, instance }: { readonly file: string; readonly instance: string }): PortAllocator {
  const leases = openLeases(file, instance);
  return {
    async allocate({ key, wanted, fixed, host, held }) {
      const recorded = leases.portOf(key);
      if (held && recorded !== undefined)
        return grant(recorded, wanted, recorded === wanted ? "" : "another program had it when this one started");
      const isFree = async (port: number): Promise<boolean> => leases.mayTake(port, key) && (await canBind(host, port));
      if (wanted !== 0 && (await isFree(wanted)) && leases.take(wanted, key)) return { port: wanted };
      const owner = wanted === 0 ? "" : (leases.holderOf(wanted, key) ?? portOwner(wanted) ?? "another program");
      if (fixed)
        throw new CaissonError("E_PORT_TAKEN", `${key}: expected port ${wanted} to be free, but ${owner} has it`, {
          hint: "End that program, or give the resource another port.",
        });
      for (const port of candidates(instance, key, recorded)) {
        if ((await isFree(port)) && leases.take(port, key)) return grant(port, wanted, `${owner} has it`);
      }
      throw new CaissonError(
        "E_PORT_TAKEN",
        `${key}: expected a free port between ${range.first} and ${range.first + range.count - 1}, found none`,
        { hint: "End what holds them." },
      );
    },
    any: (host) => freePort(host),
    close: () => leases.close(),
  };

  function grant(port: number, wanted: number, why: string): PortGrant {
    return wanted === 0 || wanted === port ? { port } : { port, note: `port ${wanted} is now ${port}: ${why}` };
  }
}

/** The recorded number first, then numbers that follow from the key alone: the same on every run. */
function* candidates(instance: string, key: string, recorded: number | undefined): Generator<number> {
  if (recorded !== undefined) yield recorded;
  const start = createHash("sha256").update(`${instance} ${key}`).digest().readUInt32BE(0);
  for (let step = 0; step < range.count; step++) yield range.first + ((start + step) % range.count);
}
