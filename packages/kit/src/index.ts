/**
 * What every service is built on. The contract with whoever starts a program (a supervisor, a container, a person):
 *
 * Configuration: key `databaseUrl` of the contract comes as DATABASE_URL, or as a file that DATABASE_URL_FILE names (one
 * newline at its end is not part of the value); lists, objects, numbers and booleans as JSON. What is missing or wrong is
 * reported all at once in one log line, and the program exits with 78.
 *
 * Beside it: HOST and PORT (where the public listener binds; 127.0.0.1 and the contract's port), REUSE_PORT=1 (replicas
 * share it, Linux), MANAGEMENT_HOST and MANAGEMENT_PORT (127.0.0.1 and a free port, which the log line `management listens` tells), LOG_LEVEL,
 * OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, CAISSON_REPLICA. Other CAISSON_ variables are ignored.
 *
 * The management listener opens first: live (200, 503 while a loop hangs), ready (200, 503 with reasons), metrics, `/health`, `/contract`.
 * The public listener opens when the program is ready for the first time. It then stays open: while a required check fails,
 * requests are answered 503 with Retry-After, since closing it would turn a clear answer into refused and reset connections.
 *
 * SIGTERM or SIGINT: ready says 503, nothing new is accepted, what is in hand is answered with `Connection: close`, loops finish their
 * step, the program's drain function runs, pools end, exit 0; at most 8 s. A second signal: exit 1 at once. Fatal errors:
 * one log line, exit 1. stdout has one JSON object a line and nothing else.
 */
export type { AddRoute, HttpApp, RouteInfo } from "./http/app.ts";
export type { Guard, GuardOption } from "./http/guard.ts";
export { HttpProblem, httpProblem, type FieldError, type ProblemBody, type ProblemOptions } from "./http/problem.ts";
export { problemTable, type ProblemCode } from "./http/problem-table.ts";
export type { RouteHandler, RouteOptions, RouteRequest, RouteResult, RouteSchema } from "./http/route.ts";
export type { Check, CheckOptions, CheckState, Health, Probe } from "./health/health.ts";
export type { Log } from "./log/create-log.ts";
export type { CounterHandle, GaugeHandle, Handles, HistogramHandle } from "./metrics/handles.ts";
export { migrate, type MigrateOptions, type MigrationResult } from "./migrate/migrate.ts";
export type { Postgres, PostgresOptions } from "./postgres/postgres.ts";
export type { AtOnce } from "./postgres/read-at-once.ts";
export type { ProgramContext } from "./run/context.ts";
export type { Loop, LoopOptions, Step } from "./run/loops.ts";
export { runJob, type JobContext, type JobOptions } from "./run/run-job.ts";
export { runService, type ServiceContext } from "./run/run-service.ts";
export { runWorker } from "./run/run-worker.ts";
export type { Drain, ServeOptions } from "./run/serve.ts";
export type { Fetch } from "./tracing/traced-fetch.ts";
export type { SpanOptions, Trace } from "./tracing/trace.ts";
export type { Carrier } from "./tracing/traceparent.ts";
