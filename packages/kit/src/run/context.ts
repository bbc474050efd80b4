import { CaissonError, kitMetrics, type ConfigOf, type KitMetrics, type Program } from "@caisson/core";
import { createHealth, type Health } from "../health/health.ts";
import { createLiveness, type Liveness } from "../health/liveness.ts";
import type { Log } from "../log/create-log.ts";
import type { Redact } from "../log/redact.ts";
import { handlesOf, type Handles } from "../metrics/handles.ts";
import { createMeter, type Meter } from "../metrics/meter.ts";
import { checkPostgres, checkSchema } from "../postgres/checks.ts";
import { createPostgres, type Postgres, type PostgresOptions } from "../postgres/postgres.ts";
import type { Trace, Tracing } from "../tracing/trace.ts";
import { tracedFetch, type Fetch } from "../tracing/traced-fetch.ts";
import type { Environment } from "./environment.ts";
import { createLoops, type Loop, type Loops } from "./loops.ts";

/** What every program is given, whatever it is. */
export interface ProgramContext<P extends Program = Program> {
  readonly config: ConfigOf<P["config"]>;
  readonly log: Log;
  /** A handle for each metric of the contract. */
  readonly metrics: Handles<P["metrics"]>;
  /** A bounded pool with a health check and a metric; nothing connects here, so it never fails. Closed at the end. */
  readonly postgres: (url: string, options?: PostgresOptions) => Postgres;
  readonly health: Health;
  readonly trace: Trace;
  /** `fetch` with a deadline, a span and the trace context. */
  readonly fetch: Fetch;
  /** Runs a step again and again, from the first time the program is ready until it drains. */
  readonly loop: Loop;
  /** Aborts when the program is asked to stop. */
  readonly signal: AbortSignal;
  /** `1`, `2`, ...: which replica this is. */
  readonly replica: string;
}

/** What a program is made of before it knows what it is. */
export interface Boot<P extends Program> {
  readonly program: P;
  readonly environment: Environment;
  readonly config: ConfigOf<P["config"]>;
  readonly log: Log;
  readonly redact: Redact;
  readonly tracing: Tracing;
}

/** A context with the parts that only the kit uses. */
export interface Running<P extends Program> {
  readonly context: ProgramContext<P>;
  readonly stop: AbortController;
  readonly liveness: Liveness;
  readonly loops: Loops;
  readonly meter: Meter;
  readonly kit: KitMetrics;
  /** Ends the checks, then the pools. */
  readonly close: () => Promise<void>;
}

/** Puts a program's context together. */
export function createContext<P extends Program>(boot: Boot<P>): Running<P> {
  const { program, environment, log, tracing } = boot;
  const stop = new AbortController();
  const over = new AbortController();
  const kit = kitMetrics();
  const meter = createMeter(program.name, { ...program.metrics, ...prefixed(kit) });
  const health = createHealth(over.signal, (error) => boot.redact.text(reasonOf(error)));
  const liveness = createLiveness();
  const failures = meter.handle(kit.loopFailures);
  const loops = createLoops({
    signal: stop.signal,
    log,
    health,
    liveness,
    onFailure: (loop) => failures.inc({ loop }),
  });
  const pools: Postgres[] = [];
  return {
    context: {
      config: boot.config,
      log,
      // The contract's metrics, each by its own type: handlesOf keeps the keys.
      metrics: handlesOf(program.metrics as P["metrics"], meter.emit),
      postgres: poolMaker({ boot, health, meter, kit, pools }),
      health,
      trace: tracing,
      fetch: tracedFetch(tracing),
      loop: loops.loop,
      signal: stop.signal,
      replica: environment.replica,
    },
    stop,
    liveness,
    loops,
    meter,
    kit,
    close: async () => {
      over.abort();
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

interface PoolMaker {
  readonly boot: Pick<Boot<Program>, "program" | "log" | "environment">;
  readonly health: Health;
  readonly meter: Meter;
  readonly kit: KitMetrics;
  readonly pools: Postgres[];
}

function poolMaker({ boot, health, meter, kit, pools }: PoolMaker): ProgramContext["postgres"] {
  const { program, log, environment } = boot;
  const connections = meter.handle(kit.poolConnections);
  return (url, options = {}) => {
    const name = options.name ?? "postgres";
    const postgres = createPostgres(url, options, {
      applicationName: `${program.name}/${environment.replica}`,
      onLost: (error) => {
        log.debug({ err: error, pool: name }, "database connection lost");
        check.recheck();
      },
    });
    const check = checkPostgres(health, name, postgres);
    if (pools.length === 0 && program.schemaVersion !== undefined) checkSchema(health, postgres, program.schemaVersion);
    pools.push(postgres);
    meter.beforeScrape(() => {
      for (const [state, count] of Object.entries(postgres.counts())) connections.set({ pool: name, state }, count);
    });
    return postgres;
  };
}

/** A contract with a schema version needs somebody to look at the schema. Throws where no pool was asked for. */
export function requireSchemaCheck(program: Program, health: Health): void {
  if (program.schemaVersion === undefined || health.states().some((state) => state.name === "schema")) return;
  throw new CaissonError(
    "E_CONTRACT",
    `the contract of ${program.name} declares schemaVersion ${program.schemaVersion}: expected a postgres(...) pool in its main module, got none`,
  );
}

/** Keys of the kit's metrics must not hide the program's own. */
function prefixed(kit: KitMetrics): Record<string, KitMetrics[keyof KitMetrics]> {
  return Object.fromEntries(Object.entries(kit).map(([key, metric]) => [`kit:${key}`, metric]));
}

/** An error in one line. Connection errors to several addresses have no message of their own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
