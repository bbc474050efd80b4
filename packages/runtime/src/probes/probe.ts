import { CaissonError } from "@caisson/core/run";
import { describeFailure } from "./describe-failure.ts";
import { execAttempt } from "./exec-probe.ts";
import { takeTurn } from "./exec-turns.ts";
import { httpAttempt } from "./http-probe.ts";
import { logLineAttempt } from "./log-line-probe.ts";
import { kafkaAttempt } from "./kafka-probe.ts";
import { mqttAttempt } from "./mqtt-probe.ts";
import { postgresAttempt } from "./postgres-probe.ts";
import type { Attempt, Outcome, ProbeResult, ProbeSpec } from "./probe-spec.ts";
import { redisAttempt } from "./redis-probe.ts";

/** One attempt's bounds. */
export interface ProbeOptions {
  /** An attempt without an answer fails after this long. Default 2000. */
  readonly timeoutMs?: number;
  /** Aborting it ends the attempt; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Asks again and again; keeps what a kind of probe has to remember between attempts. */
export type Prober = (options?: ProbeOptions) => Promise<ProbeResult>;

/** Makes a prober. Throws E_VALUE for what cannot be probed. */
export function createProber(spec: ProbeSpec): Prober {
  const attempt = attemptFor(spec);
  return async ({ timeoutMs = 2000, signal } = {}) => {
    // waiting for a turn is not the probed program's fault: its time begins after
    const endTurn = spec.kind === "exec" ? await takeTurn(signal) : undefined;
    try {
      return await timed(attempt, timeoutMs, signal);
    } finally {
      endTurn?.();
    }
  };
}

/** One attempt at one probe. A failure is an answer: rejects only for the caller's own abort and for what cannot be probed. */
export async function probe(spec: ProbeSpec, options?: ProbeOptions): Promise<ProbeResult> {
  return createProber(spec)(options);
}

async function timed(attempt: Attempt, timeoutMs: number, signal: AbortSignal | undefined): Promise<ProbeResult> {
  signal?.throwIfAborted();
  const start = performance.now();
  const end = new AbortController();
  const abort = (): void => end.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(() => end.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const result = (outcome: Outcome): ProbeResult => ({ ...outcome, ms: Math.round(performance.now() - start) });
  try {
    return result(await attempt(end.signal));
  } catch (error) {
    signal?.throwIfAborted();
    return result({ ok: false, detail: describeFailure(end.signal.aborted ? end.signal.reason : error) });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function attemptFor(spec: ProbeSpec): Attempt {
  switch (spec.kind) {
    case "http":
      return httpAttempt(spec);
    case "postgres":
      return postgresAttempt(spec);
    case "redis":
      return redisAttempt(spec);
    case "logLine":
      return logLineAttempt(spec);
    case "exec":
      return execAttempt(spec);
    case "mqtt":
      return mqttAttempt(spec);
    case "kafka":
      return kafkaAttempt(spec);
    default:
      throw unknownKind(spec);
  }
}

/** Specs come from stacks written in JavaScript too. */
function unknownKind(spec: never): CaissonError {
  const { kind } = spec as { readonly kind?: unknown };
  const because = kind === "tcp" ? " (a program that hangs still accepts connections)" : "";
  const got = `${JSON.stringify(kind)}${because}`;
  return new CaissonError(
    "E_VALUE",
    `expected a probe of kind http, postgres, redis, mqtt, kafka, logLine or exec, got ${got}`,
  );
}
