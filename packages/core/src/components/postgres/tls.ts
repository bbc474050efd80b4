import { concat, encode, literal, texts, type Expression } from "../../model/expression.ts";
import type { FileSlot, Port, Probe, Resource } from "../../model/resource.ts";
import { self } from "../self.ts";
import type { Settings } from "../settings.ts";
import { certificateOf, namesOf, type TlsOptions } from "../tls.ts";

/** TLS at the port it has anyway, and nothing in the clear there. */
export type PostgresTlsOptions = Omit<TlsOptions, "port">;

/** Where a PostgreSQL differs by whether it speaks TLS. */
export interface PostgresTls {
  readonly settings: Settings;
  readonly port: Pick<Port, "tls">;
  /** Lines of its configuration that name files. */
  readonly lines: readonly (string | Expression)[];
  readonly files: readonly FileSlot[];
  /** The kind of connection over TCP that pg_hba.conf lets in. */
  readonly host: "host" | "hostssl";
  readonly entrypoint?: readonly Expression[];
  /** Arguments in a container. */
  readonly args: readonly string[];
  readonly ready: Pick<Extract<Probe, { kind: "postgres" }>, "tls">;
  readonly live: Pick<Extract<Probe, { kind: "postgres" }>, "tls">;
  /** What a client is told beside address and login: the query of a URL, and the files it names. */
  readonly parameters: Expression;
  readonly trusted: { readonly files?: readonly FileSlot[] };
  readonly verified: Pick<Resource, "verified">;
}

const plain: PostgresTls = {
  settings: {},
  port: {},
  lines: [],
  files: [],
  host: "host",
  args: [],
  ready: {},
  live: {},
  parameters: literal("sslmode=disable"),
  trusted: {},
  verified: {},
};

/** The server reads a key that nobody else can read, and its clients talk to whom their authority signed for alone. */
export function postgresTls(name: string, tls: true | PostgresTlsOptions | undefined, major: number): PostgresTls {
  if (tls === undefined) return plain;
  const { path } = self(name);
  const options = tls === true ? {} : tls;
  const { pem, authority } = certificateOf(name, options);
  const file = path("file", "tls.pem");
  const trust = path("file", authority.name);
  // Files of a container may be open to others inside, which the server refuses of a key: it gets a copy of its own.
  const own = "/var/run/postgresql/tls.pem";
  return {
    settings: { ssl: "on", ssl_min_protocol_version: "TLSv1.2" },
    // From 17 on it also takes a TLS handshake as the first thing said, as whoever asks for a certificate alone says it.
    port: major >= 17 ? { tls: true } : {},
    lines: ["ssl_cert_file = '", file, "'\nssl_key_file = '", file, "'\n"],
    files: [{ name: "tls.pem", content: pem, mode: 0o600 }, authority],
    host: "hostssl",
    entrypoint: texts("sh", "-c", concat("install -m 600 ", file, ` ${own} && exec docker-entrypoint.sh "$@"`), "sh"),
    args: ["-c", `ssl_key_file=${own}`],
    ready: { tls: { authority: trust } },
    // A certificate past its end is no reason to end the sessions there are.
    live: { tls: {} },
    parameters: concat("sslmode=verify-full&sslrootcert=", encode("url", trust)),
    trusted: { files: [authority] },
    verified: { verified: { certificate: pem, authority: authority.content, names: namesOf(name, options) } },
  };
}
