import { createHash } from "node:crypto";
import { CaissonError } from "@caisson/core/run";
import { tryBind, type BindAnswer } from "./bind-check.ts";
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
  /** `true`: only says which port it would be; nothing is taken. Default `false`. */
  readonly dryRun?: boolean;
}

/** `note`: one sentence for people when it is not the wanted number. */
export interface PortGrant {
  readonly port: number;
  readonly note?: string;
}

/** Ports of one instance. A port is stable: the same key gets the same number as long as nobody else took it. */
export interface PortAllocator {
  /**
   * The wanted number, else the one it had, else one that follows from the key. Throws E_PORT_TAKEN or E_PORT_DENIED
   * for a fixed one that cannot be had, E_PORT_ADDRESS, E_PORT_NONE.
   */
  allocate(request: PortRequest): Promise<PortGrant>;
  /** A free port that is nobody's, for a listener of one run. It is ours until it is given back. */
  any(host: string): Promise<number>;
  /** Gives back the port of a key, or one of `any`. */
  release(keyOrPort: string | number): void;
  close(): void;
}

/** Where moved ports go: above the numbers people choose, below those the kernel gives to outgoing connections. */
const range = { first: 20_000, count: 10_000 };

/** A port of `any` that nobody listens on this long after it was asked for was not used; its owner forgot it. */
const forgottenAfterMs = 300_000;

/**
 * `file`: leases shared by all stacks of this user on this host, so that two never pick one port. A free port is one
 * that no living agent leases and that can be bound exclusively: with `reusePort` alone a second stack would get in.
 */
export function openPorts({ file, instance }: { readonly file: string; readonly instance: string }): PortAllocator {
  const leases = openLeases(file, instance);
  const handedOut = new Map<number, number>();

  /** Takes the port if it can be had; otherwise says why not. */
  const claim = async ({ key, wanted, host, dryRun }: PortRequest, port: number): Promise<BindAnswer> => {
    if (leases.holderOf(port, key) !== undefined) return "taken";
    const answer = await tryBind(host, port);
    if (answer !== "free" || dryRun === true) return answer;
    return leases.take(port, key, wanted) ? "free" : "taken";
  };

  return {
    async allocate(request) {
      const { key, wanted, fixed, host, held } = request;
      const last = leases.last(key);
      if (held && last?.wanted === wanted) {
        if (request.dryRun !== true) leases.take(last.port, key, wanted); // an earlier agent's lease becomes ours
        return granted(last.port, wanted, "another program had it when this one started");
      }
      const answer = wanted === 0 ? "taken" : await claim(request, wanted);
      if (answer === "free") return { port: wanted };
      const owner = leases.holderOf(wanted, key) ?? portOwner(host, wanted) ?? "another program";
      if (fixed) throw unavailable(key, wanted, answer, owner);
      for (const port of candidates(`${instance} ${key}`, last?.port)) {
        if ((await claim(request, port)) !== "free") continue;
        return granted(port, wanted, answer === "denied" ? "this user may not listen on it" : `${owner} has it`);
      }
      throw noPort(key);
    },
    async any(host) {
      for (const port of candidates(`${instance} ${handedOut.size} any`, undefined)) {
        const age = performance.now() - (handedOut.get(port) ?? -forgottenAfterMs);
        if (age < forgottenAfterMs) continue;
        const request = { key: anyKey(port), wanted: 0, fixed: false, host, held: false };
        handedOut.set(port, performance.now()); // before the wait: two may ask at once
        if ((await claim(request, port)) === "free") return port;
        handedOut.delete(port);
      }
      throw noPort("a listener of one run");
    },
    release(keyOrPort) {
      if (typeof keyOrPort === "number") handedOut.delete(keyOrPort);
      leases.release(typeof keyOrPort === "number" ? anyKey(keyOrPort) : keyOrPort);
    },
    close: () => leases.close(),
  };
}

function anyKey(port: number): string {
  return `any/${port}`;
}

function granted(port: number, wanted: number, why: string): PortGrant {
  return wanted === 0 || wanted === port ? { port } : { port, note: `port ${wanted} is now ${port}: ${why}` };
}

/** The last number first, then numbers that follow from the seed alone: the same on every run. */
function* candidates(seed: string, last: number | undefined): Generator<number> {
  if (last !== undefined) yield last;
  const start = createHash("sha256").update(seed).digest().readUInt32BE(0);
  for (let step = 0; step < range.count; step++) yield range.first + ((start + step) % range.count);
}

function unavailable(key: string, port: number, answer: BindAnswer, owner: string): CaissonError {
  return answer === "denied"
    ? new CaissonError("E_PORT_DENIED", `${key}: expected to listen on port ${port}, but the system does not allow it`)
    : new CaissonError("E_PORT_TAKEN", `${key}: expected port ${port} to be free, but ${owner} has it`);
}

function noPort(key: string): CaissonError {
  const last = range.first + range.count - 1;
  return new CaissonError("E_PORT_NONE", `${key}: expected a free port between ${range.first} and ${last}, found none`);
}
