import { decodeConfig, HttpUrl, Type, type ConfigProblem } from "@caisson/core";
import type { Host } from "./host.ts";

/** Where a listener binds. Port 0: a free one, printed in the log. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a target tells every program beside its configuration. */
export interface Environment {
  /** HOST and PORT, or 127.0.0.1 and the contract's port. */
  readonly listen: Address;
  /** MANAGEMENT_HOST and MANAGEMENT_PORT, or 127.0.0.1 and a free port. */
  readonly management: Address;
  /** `false`: no MANAGEMENT_PORT was given, so a job opens no listener. */
  readonly managed: boolean;
  /** REUSE_PORT=1: replicas share the public port (Linux). */
  readonly reusePort: boolean;
  readonly logLevel: LogLevel;
  /** OTEL_EXPORTER_OTLP_ENDPOINT; absent: nothing is traced and no exporter is loaded. */
  readonly otlpEndpoint?: string;
  /** OTEL_SERVICE_NAME, or the program's name. */
  readonly serviceName: string;
  /** CAISSON_REPLICA, or `1`. */
  readonly replica: string;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

const port = Type.Integer({ minimum: 0, maximum: 65_535 });
const schema = Type.Object({
  host: Type.Optional(Type.String({ minLength: 1 })),
  port: Type.Optional(port),
  managementHost: Type.String({ minLength: 1, default: "127.0.0.1" }),
  managementPort: Type.Optional(port),
  reusePort: Type.Enum(["0", "1"], { default: "0" }),
  logLevel: Type.Enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], { default: "info" }),
  otelExporterOtlpEndpoint: Type.Optional(HttpUrl),
  otelServiceName: Type.Optional(Type.String({ minLength: 1 })),
  caissonReplica: Type.String({ minLength: 1, maxLength: 40, default: "1" }),
});

/** Reads the variables of {@link Environment}; their problems have the form of configuration problems. */
export function readEnvironment(
  host: Host,
  program: { readonly name: string; readonly http?: { readonly port: number } },
): { readonly environment: Environment } | { readonly problems: readonly ConfigProblem[] } {
  const decoded = decodeConfig(schema, host.env, host.readFile);
  if ("problems" in decoded) return decoded;
  const { config } = decoded;
  const reusePort = config.reusePort === "1";
  if (reusePort && host.platform !== "linux") return { problems: [noReusePort(host.platform)] };
  const endpoint = config.otelExporterOtlpEndpoint;
  return {
    environment: {
      listen: { host: config.host ?? "127.0.0.1", port: config.port ?? program.http?.port ?? 0 },
      management: { host: config.managementHost, port: config.managementPort ?? 0 },
      managed: config.managementPort !== undefined,
      reusePort,
      logLevel: config.logLevel,
      ...(endpoint !== undefined && { otlpEndpoint: endpoint }),
      serviceName: config.otelServiceName ?? program.name,
      replica: config.caissonReplica,
    },
  };
}

/** Elsewhere `reusePort` fails to listen or ends the server (nodejs/node#61018). */
function noReusePort(platform: string): ConfigProblem {
  return {
    code: "E_CONFIG",
    path: "reusePort",
    key: "reusePort",
    variable: "REUSE_PORT",
    expected: "0 on this system: only Linux lets replicas share a port",
    got: `1 on ${platform}`,
    message: `REUSE_PORT: expected 0 on ${platform}: only Linux lets replicas share a port`,
  };
}
