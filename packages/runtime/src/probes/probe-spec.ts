/** What to ask a program, in the words of its protocol. There is no bare TCP probe: a stopped program still accepts. */
export type ProbeSpec = HttpProbe | PostgresProbe | RedisProbe | LogLineProbe | ExecProbe | MqttProbe | KafkaProbe;

/** GET `url`; ready when the status is within the bounds. */
export interface HttpProbe {
  readonly kind: "http";
  readonly url: string;
  /** Lowest and highest status that count as ready. Default [200, 399]. */
  readonly expectStatus?: readonly [number, number];
}

/** Asks for a session; ready when the server takes sessions, ours or not. Needs no password. */
export interface PostgresProbe {
  readonly kind: "postgres";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Asked through TLS; with an authority's certificates in a file, of whoever has one of it for `name`. Read at each attempt. */
  readonly tls?: { readonly name: string; readonly authorityFile?: string };
}

/** PING. */
export interface RedisProbe {
  readonly kind: "redis";
  readonly host: string;
  readonly port: number;
  /** `true`: a node of a cluster; ready when its cluster serves every slot. */
  readonly cluster?: boolean;
  readonly username?: string;
  /** File with the password; its trailing line end does not count. Read at each attempt. */
  readonly passwordFile?: string;
}

/** Asks for a session as a user; ready when the broker takes it. */
export interface MqttProbe {
  readonly kind: "mqtt";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** File with the password; its trailing line end does not count. Read at each attempt. */
  readonly passwordFile: string;
}

/** Asks which requests the broker knows; ready when it answers that. */
export interface KafkaProbe {
  readonly kind: "kafka";
  readonly host: string;
  readonly port: number;
}

/** Ready once a line of the program's log matches; from then on for as long as the probe is watched. */
export interface LogLineProbe {
  readonly kind: "logLine";
  readonly file: string;
  /** Regular expression, matched against each line. */
  readonly pattern: string;
  /** Byte offset to begin at: the size of the file when the program was started. Default 0. */
  readonly from?: number;
}

/** Ready when the program exits with 0. At most 2 run at a time in this process, 250 ms apart. */
export interface ExecProbe {
  readonly kind: "exec";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What one attempt came to. */
export interface ProbeResult {
  readonly ok: boolean;
  /** A short sentence for people: "connection refused at 127.0.0.1:54321", "answered 503: schema is at 3, needs 4". */
  readonly detail: string;
  /** How long it took. */
  readonly ms: number;
}

/** What a kind of probe answers before it is timed. */
export type Outcome = Pick<ProbeResult, "ok" | "detail">;

/** One attempt. Rejects when the signal aborts, and with what the network says; both are turned into an outcome above it. */
export type Attempt = (signal: AbortSignal) => Promise<Outcome>;
