import { resourcesOf, type AmountOptions } from "./amounts.ts";
import { freeze } from "./freeze.ts";
import type { ConfigInput } from "./config-input.ts";
import type { ConfigSchema, Program } from "./contract.ts";
import { isExpression } from "./is-expression.ts";
import { concat, literal, type Expression, type Json } from "./expression.ts";
import type { Alert, PanelRow } from "./monitoring.ts";
import { toMs, type Duration } from "./quantity.ts";
import { stackPort } from "./ports.ts";
import { defaultProbePaths } from "./probe-paths.ts";
import { programContainer } from "./program-container.ts";
import { baseResource, defaultRestart, defaultStop } from "./resource-defaults.ts";
import type { Condition, Dependency, LogLevel, Port, Resource, ResourceKind, RestartPolicy } from "./resource.ts";
import type { Value } from "./value.ts";

/** What `after` takes: a resource (gated: healthy, or completed for a job), or one of the functions of `after.ts`. */
export type After = Resource | Dependency;

/** Options of everything that runs a program. */
export interface RunOptions<S extends ConfigSchema> extends AmountOptions {
  readonly config: ConfigInput<S>;
  /** Defaults to the program's name. */
  readonly name?: string;
  readonly after?: readonly After[];
  /** Connections this takes of each store, per replica; checked against what the store offers. */
  readonly pools?: readonly { readonly of: Resource; readonly size: number }[];
  readonly renamedFrom?: string;
  /** `true`: it talks to hosts outside the stack. Default `false`: a target with networks lets it reach none. */
  readonly egress?: boolean;
  /** From which level on it writes log lines: `LOG_LEVEL`, which the kit reads. Default: the program's own, `info` on the kit. */
  readonly logLevel?: LogLevel;
  /** Alerts and panels about this, made of the metrics of its contract or of others in the stack. */
  readonly alerts?: readonly Alert[];
  readonly panels?: readonly PanelRow[];
}

/** Options of a long-running service. */
export interface ServiceOptions<S extends ConfigSchema> extends RunOptions<S> {
  readonly replicas?: number;
  /** Reachable from outside the stack; on loopback in `dev`. Default `false`. */
  readonly public?: boolean;
  readonly restart?: Partial<RestartPolicy>;
  /** Time to drain after SIGTERM. Default 10 s. */
  readonly stopGrace?: Duration;
  readonly optional?: boolean;
}

/** A service of a stack; `url` is its address inside the stack, `publicUrl` the one people and browsers use. */
export type Service = Resource & {
  readonly url: Value<"http-url">;
  readonly publicUrl: Value<"http-url">;
};

/** A long-running program. Its config is checked against the program's contract, key by key. */
export function service<S extends ConfigSchema>(program: Program<S>, options: ServiceOptions<S>): Service {
  const base = programResource("service", program, options);
  const { name } = base;
  const http = base.ports.find((candidate) => candidate.name === "http");
  const address = (part: "host" | "port"): Expression => ({
    kind: "address",
    resource: name,
    port: "http",
    part,
  });
  const url = concat("http://", address("host"), ":", address("port"));
  return freeze({
    ...base,
    ports: base.ports.map((each) => ({
      ...each,
      published: each.name === "http" && options.public === true ? "always" : "never",
    })),
    ...(http && {
      outputs: {
        url: { type: "http-url", value: url, strength: "uses", condition: "healthy" },
        publicUrl: { type: "http-url", value: url, strength: "uses", condition: "healthy" },
      },
    }),
    replicas: options.replicas ?? 1,
    optional: options.optional ?? false,
    restart: { ...defaultRestart, ...options.restart },
    stop: { ...defaultStop, ...(options.stopGrace && { graceMs: toMs(options.stopGrace) }) },
    url: { kind: "ref", resource: name, output: "url" },
    publicUrl: { kind: "ref", resource: name, output: "publicUrl" },
  });
}

/** The facets every resource that runs a program shares. */
export function programResource<S extends ConfigSchema>(
  kind: Exclude<ResourceKind, "component" | "external">,
  program: Program<S>,
  options: RunOptions<S>,
): Resource {
  const name = options.name ?? program.name;
  const { runtime } = program;
  const probes = kind === "service" ? programProbes(program) : {};
  return {
    ...baseResource(kind, "program", name),
    program,
    container: programContainer(probes.ready, program.http?.port),
    config: expressions(options.config),
    after: (options.after ?? []).map(toDependency),
    ports: kind === "service" ? programPorts(program) : [],
    egress: options.egress ?? false,
    ...probes,
    resources: resourcesOf(options),
    pools: (options.pools ?? []).map(({ of, size }) => ({ resource: of.name, size })),
    sources: runtime.kind === "node" ? [runtime.main] : runtime.kind === "command" ? [runtime.cwd] : [],
    ...(options.renamedFrom !== undefined && { renamedFrom: options.renamedFrom }),
    ...(options.logLevel && { logLevel: options.logLevel }),
    ...(options.alerts && { alerts: options.alerts }),
    ...(options.panels && { panels: options.panels }),
  };
}

/** An edge to `after`: jobs are waited for until they completed, everything else until it is healthy. */
export function toDependency(after: After): Dependency {
  if (!("kind" in after)) return after;
  const condition: Condition = after.kind === "job" ? "completed" : "healthy";
  return { resource: after.name, strength: "needs", condition };
}

/** A kit program answers its probes on the management listener, one without HTTP too; others where they serve. */
function programProbes({ http, management }: Program): Pick<Resource, "ready" | "live"> {
  if (!http && !management) return {};
  const listener = management ? "management" : "http";
  const { ready, live } = http ?? defaultProbePaths;
  return { ready: { kind: "http", port: listener, path: ready }, live: { kind: "http", port: listener, path: live } };
}

function programPorts(program: Program): Port[] {
  const ports: Port[] = [];
  if (program.http) ports.push(stackPort("http", program.http.port));
  // 0: no number of its own; the target finds one (in a container it is always 9464, on an internal network).
  if (program.management) ports.push(stackPort("management", 0));
  return ports;
}

function expressions(config: Readonly<Record<string, unknown>>): Record<string, Expression> {
  const entries = Object.entries(config).filter(([, value]) => value !== undefined);
  // Static types allow JSON values and expressions only.
  return Object.fromEntries(entries.map(([key, value]) => [key, isExpression(value) ? value : literal(value as Json)]));
}
