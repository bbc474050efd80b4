import { Type, type Static, type TSchema } from "typebox";
import type { ModuleFile } from "./module-file.ts";
import type { ValueKind } from "./value.ts";

/** A configuration key of a declared kind. `x-caisson` is what the stack side is checked against. */
export type TValue<K extends ValueKind> = Type.TUnsafe<string> & { readonly "x-caisson": K };

/** A PostgreSQL connection URL: `postgres://user:password@host:port/database`. Carries a password. */
export const PostgresUrl: TValue<"postgres-url"> = valueSchema("postgres-url", {
  pattern: "^postgres(ql)?://[^\\s]+$",
});

/** A Redis URL: `redis://[user:password@]host:port[/db]`. */
export const RedisUrl: TValue<"redis-url"> = valueSchema("redis-url", {
  pattern: "^rediss?://[^\\s]+$",
});

/** A Redis cluster's nodes: `redis://user:password@host:port?addr=host:port&addr=host:port`, as several clients read it. */
export const RedisClusterUrl: TValue<"redis-cluster-url"> = valueSchema("redis-cluster-url", {
  pattern: "^rediss?://[^\\s]+[?&]addr=[^\\s]+$",
});

/** An HTTP origin with an optional path: `http://host:port`. */
export const HttpUrl: TValue<"http-url"> = valueSchema("http-url", {
  pattern: "^https?://[^\\s]+$",
});

/** An MQTT broker's URL: `mqtt://user:password@host:port`. Carries a password. */
export const MqttUrl: TValue<"mqtt-url"> = valueSchema("mqtt-url", {
  pattern: "^mqtts?://[^\\s]+$",
});

/** A secret text of at least `minLength` characters. Only a secret fits; it reaches the program through a file. */
export function SecretText(minLength: number): TValue<"secret"> {
  return valueSchema("secret", { minLength });
}

/** The configuration a program reads: a flat object of keys; each key is `Type.*` or one of the kinds above. */
export type ConfigSchema = Type.TObject<Record<string, TSchema>>;

/** The configuration as the program sees it. */
export type ConfigOf<S extends ConfigSchema> = Static<S>;

/** A metric the program may emit: nothing else can be emitted through the kit, or used in an alert or a panel. */
export interface Metric<L extends string = string, K extends MetricKind = MetricKind> {
  readonly kind: K;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export type MetricKind = "counter" | "gauge" | "histogram";

/** The HTTP side of a program. Probes and metrics are served on the management listener, never on the public port. */
export interface HttpContract {
  /** The port people know the program by; a target may move it when it is taken. */
  readonly port: number;
  readonly ready: string;
  readonly live: string;
  readonly metrics: string;
}

/**
 * The contract of a program: pure data, imported by the program and by the stack. `contractVersion` changes when the
 * contract does; `schemaVersion` is the database schema the program needs before it is ready.
 */
export interface Program<S extends ConfigSchema = ConfigSchema, M extends Metrics = Metrics> {
  readonly kind: "program";
  readonly modelVersion: 1;
  readonly name: string;
  readonly contractVersion: number;
  readonly runtime: ProgramRuntime;
  readonly config: S;
  readonly http?: HttpContract;
  /** `true`: built on the kit, opens a management listener where the target says. */
  readonly management: boolean;
  readonly metrics: M;
  readonly queues: readonly string[];
  readonly schemaVersion?: number;
}

export type Metrics = Readonly<Record<string, Metric>>;

/**
 * How a program is started: a Node module, an argv of its own (argv[0] is looked up on PATH), or a program that ships
 * with Caisson (`provision`, and `pod`, which runs the members of one).
 */
export type ProgramRuntime =
  | { readonly kind: "node"; readonly main: ModuleFile }
  | { readonly kind: "command"; readonly argv: readonly string[]; readonly cwd: ModuleFile }
  | { readonly kind: "builtin"; readonly name: "provision" | "pod" };

function valueSchema<K extends ValueKind>(kind: K, rest: Record<string, unknown>): TValue<K> {
  // The mark is part of the schema's data, so it survives JSON and a second copy of this package.
  return Type.Unsafe<string>({
    type: "string",
    "x-caisson": kind,
    ...rest,
  }) as unknown as TValue<K>;
}
