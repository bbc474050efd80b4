import { CaissonError, type Program } from "@caisson/core";
import { listenManagement } from "../management/listener.ts";
import { boot } from "./boot.ts";
import { createContext, requireSchemaCheck, type ProgramContext } from "./context.ts";
import { fail } from "./fail.ts";
import { processHost } from "./host.ts";
import { settlesWithin } from "./wait.ts";

/** What a job is given: a program's context without loops, its arguments, and a way to wait for what it needs. */
export interface JobContext<P extends Program = Program> extends Omit<ProgramContext<P>, "loop"> {
  /** Arguments of the command line, after the script's name. */
  readonly args: readonly string[];
  /**
   * Resolves when every required check is well. Rejects with E_DEPENDENCY after `timeoutMs` (default 60,000), naming what is
   * missing, or when the job is asked to stop.
   */
  readonly ready: (timeoutMs?: number) => Promise<void>;
}

/** How a job is run. */
export interface JobOptions {
  /** Milliseconds that a job has to end after the signal. Default 8000. */
  readonly stopTimeoutMs?: number;
}

/**
 * Runs a program that ends: exit 0 when `work` resolves, 1 with the error as one log line when it rejects. Opens the
 * management listener only where MANAGEMENT_PORT is given.
 */
export async function runJob<P extends Program>(
  program: P,
  work: (context: JobContext<P>) => Promise<unknown>,
  { stopTimeoutMs = 8000 }: JobOptions = {},
): Promise<void> {
  const host = processHost();
  const booted = await boot(host, program);
  const { log, environment, tracing } = booted;
  host.onUncaught((error) => fail(host, log, error));
  const running = createContext(booted);
  const { stop, liveness, meter, context } = running;
  host.onStopSignal((signal) => {
    if (stop.signal.aborted) host.exit(1);
    log.info({ signal }, "asked to stop");
    stop.abort();
    setTimeout(
      () => fail(host, log, new Error(`not stopped within ${stopTimeoutMs} ms; ending anyway`)),
      stopTimeoutMs,
    );
  });
  // Node would end with 13 and say nothing.
  host.onNothingLeft(() => fail(host, log, new Error(`${program.name} waits for something that can never come`)));
  try {
    if (environment.managed) {
      const status = { phase: () => "serving" as const, health: context.health, liveness };
      const { address } = await listenManagement(
        { program, replica: environment.replica, status, metrics: meter.text },
        environment.management,
      );
      log.info({ address: `${address.host}:${address.port}` }, "management listens");
    }
    await tracing.span(program.name, () => work({ ...context, args: host.args, ready: readiness(program, context) }));
    await running.close();
    await settlesWithin(tracing.close(), 1000);
  } catch (error) {
    fail(host, log, error);
  }
  host.exit(0);
}

function readiness<P extends Program>(program: P, { health, signal }: ProgramContext<P>): JobContext["ready"] {
  return async (timeoutMs = 60_000) => {
    requireSchemaCheck(program, health);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (health.ok()) resolve();
    };
    const timer = setTimeout(() => reject(missing(program.name, health.states(), timeoutMs)), timeoutMs);
    const aborted = (): void =>
      reject(new CaissonError("E_DEPENDENCY", `${program.name} was asked to stop while it waited`));
    signal.addEventListener("abort", aborted, { once: true });
    health.onChange(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    }
  };
}

function missing(
  program: string,
  states: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly ok: boolean | undefined;
    readonly detail: string;
  }[],
  timeoutMs: number,
): CaissonError {
  const reasons = states
    .filter(({ required, ok }) => required && ok !== true)
    .map(({ name, detail }) => `${name}: ${detail}`);
  return new CaissonError("E_DEPENDENCY", `${program} waited ${timeoutMs / 1000} s for ${reasons.join("; ")}`);
}
