import type { Program } from "@caisson/core";
import { drainPublic, openPublic } from "../http/public-listener.ts";
import type { Http } from "../http/create-http.ts";
import { listenManagement, type Management } from "../management/listener.ts";
import { notReady, type Phase, type Status } from "../management/status.ts";
import { boot } from "./boot.ts";
import { createContext, requireSchemaCheck, type Boot, type ProgramContext, type Running } from "./context.ts";
import { fail } from "./fail.ts";
import type { Host } from "./host.ts";
import { settlesWithin } from "./wait.ts";

/** Called once nothing new comes in: finishes what is in hand. */
export type Drain = () => Promise<void> | void;

/** How a program that serves is run. */
export interface ServeOptions {
  /** Milliseconds from the signal until the program ends, finished or not. Default 8000. */
  readonly drainTimeoutMs?: number;
}

/** What is run: `open` builds the public side where there is one; `setup` is the program's own. */
export interface Served<P extends Program> {
  readonly program: P;
  readonly open?: (boot: Boot<P>, running: Running<P>, state: State) => Promise<Http>;
  readonly setup: (context: ProgramContext<P>, http: Http | undefined) => Promise<Drain | void> | Drain | void;
}

/** Where a program is in its life, as its parts see it. */
export interface State extends Status {
  readonly draining: () => boolean;
  /** Why requests are turned away for now: the names only, addresses are nobody's business. */
  readonly closedBecause: () => string | undefined;
}

/** Idle connections wait this long for a request that is on its way, or a quarter of the drain if that is less. */
const idleGraceMs = 500;

/**
 * A program's life: management listener, setup, wait until every required check is well, public listener, loops; on the first SIGTERM or SIGINT
 * drain and exit 0; on the second exit 1.
 */
export async function serve<P extends Program>(host: Host, served: Served<P>, options: ServeOptions): Promise<void> {
  const { program } = served;
  const booted = await boot(host, program);
  const { log, environment } = booted;
  host.onUncaught((error) => fail(host, log, error));
  const running = createContext(booted);
  let phase: Phase = "starting";
  const state = stateOf(running, () => phase);
  const parts: { http?: Http; drain?: Drain | void } = {};
  host.onStopSignal((signal) => {
    if (phase === "draining") host.exit(1);
    phase = "draining";
    log.info({ signal }, "draining");
    void drain(host, booted, running, parts, options);
  });
  try {
    const management = await openManagement(booted, running, state);
    log.info({ address: `${management.address.host}:${management.address.port}` }, "management listens");
    const http = await served.open?.(booted, running, state);
    if (http) parts.http = http;
    parts.drain = await served.setup(running.context, http);
    requireSchemaCheck(program, running.context.health);
    await http?.ready();
    await untilOk(running);
    if (state.draining()) return;
    if (http) await openPublic(http.server, environment.listen, environment.reusePort);
    if (state.draining()) return;
    phase = "serving";
    running.loops.start();
    const address = http?.server.address();
    log.info({ ...(typeof address === "object" && address && { port: address.port }) }, "ready");
    await loadTheRest(booted, running);
    host.saveCompiled();
  } catch (error) {
    fail(host, log, error);
  }
}

function stateOf<P extends Program>({ context, liveness }: Running<P>, phase: () => Phase): State {
  const state: Status = { phase, health: context.health, liveness };
  return {
    ...state,
    draining: () => phase() === "draining",
    closedBecause: () => {
      if (phase() !== "serving" || context.health.ok()) return undefined;
      return `not ready: ${notReady(state)
        .map(({ name }) => name)
        .join(", ")}`;
    },
  };
}

function openManagement<P extends Program>(
  { program, environment }: Boot<P>,
  { meter, kit }: Running<P>,
  status: Status,
): Promise<Management> {
  const ready = meter.handle(kit.ready);
  meter.beforeScrape(() => ready.set(notReady(status).length === 0 ? 1 : 0));
  const options = { program, replica: environment.replica, status, metrics: meter.text };
  return listenManagement(options, environment.management);
}

/** Resolves at the first moment when every required check is well, or when the program is asked to stop. */
function untilOk<P extends Program>({ context: { health }, stop }: Running<P>): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (health.ok() || stop.signal.aborted) resolve();
    };
    health.onChange(look);
    stop.signal.addEventListener("abort", look, { once: true });
    look();
  });
}

/** What a program can start without: 25 ms for the metrics, 80 ms for the tracing SDK, paid once it is ready. */
async function loadTheRest<P extends Program>(
  { environment, log, redact, tracing }: Boot<P>,
  { meter }: Running<P>,
): Promise<void> {
  await meter.load();
  if (environment.otlpEndpoint === undefined) return;
  const { otlpRecorder } = await import("../tracing/otlp-recorder.ts");
  tracing.recordWith(
    otlpRecorder({
      endpoint: environment.otlpEndpoint,
      service: environment.serviceName,
      replica: environment.replica,
      log,
      redact,
    }),
  );
}

async function drain<P extends Program>(
  host: Host,
  { log, tracing }: Boot<P>,
  running: Running<P>,
  parts: { readonly http?: Http; readonly drain?: Drain | void },
  { drainTimeoutMs = 8000 }: ServeOptions,
): Promise<void> {
  running.stop.abort();
  const finish = async (): Promise<void> => {
    const deadlineMs = drainTimeoutMs * 0.75;
    const grace = { idleGraceMs: Math.min(idleGraceMs, drainTimeoutMs / 4), deadlineMs };
    const [cut] = await Promise.all([parts.http ? drainPublic(parts.http.server, grace) : 0, running.loops.ended()]);
    if (cut > 0) log.warn({ connections: cut }, `requests were cut off after ${deadlineMs} ms`);
    await parts.drain?.();
    await running.close();
  };
  try {
    if (!(await settlesWithin(finish(), drainTimeoutMs))) {
      log.error(`not drained within ${drainTimeoutMs} ms; ending anyway`);
      host.exit(1);
    }
    // A receiver that is down must not hold up the end.
    await settlesWithin(tracing.close(), 1000);
  } catch (error) {
    fail(host, log, error);
  }
  log.info("drained");
  host.exit(0);
}
