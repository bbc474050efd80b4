import { localCertificate } from "../../model/certificate.ts";
import { concat, encode, literal, texts, type Expression } from "../../model/expression.ts";
import { devPort, stackPort } from "../../model/ports.ts";
import { seaweedfsAlerts, seaweedfsMetrics, seaweedfsPanels } from "../metrics/seaweedfs.ts";
import { self } from "../self.ts";
import { healthCommand, wgetHealth, type ServerParts } from "../server.ts";
import type { Access } from "./s3.ts";

/** What an engine is made from. */
export interface EngineInput {
  readonly name: string;
  readonly port: number;
  readonly root: Expression;
  readonly users: readonly { readonly user: string; readonly access: Access; readonly secret: Expression }[];
}

type Engine = (input: EngineInput) => ServerParts;

/** The programs that can play an object store. */
export const engines: Readonly<Record<"seaweedfs" | "garage" | "minio", Engine>> = { seaweedfs, garage, minio };

/**
 * All of SeaweedFS in one process; without identities it would be open to everyone. So are its master, its volumes and its filer,
 * which ask nobody for a key: what they listen at stays inside. The catalogues of Iceberg and Lance are off: nobody asked for them.
 */
function seaweedfs({ name, port, root, users }: EngineInput): ServerParts {
  const { at, path } = self(name);
  // The gRPC of the S3 API makes keys for whoever asks, and is not to be bound inside alone: it asks for a
  // certificate, and takes none: the one it trusts is a server's.
  const lock = localCertificate(`${name}-grpc`, [name]);
  const own = path("file", "grpc.pem");
  const env = { WEED_GRPC_CA: own, WEED_GRPC_S3_CERT: own, WEED_GRPC_S3_KEY: own };
  return {
    part: "seaweedfs",
    line: "4",
    program: "weed",
    args: [
      "server",
      concat("-dir=", path("volume", "data")),
      "-ip=127.0.0.1",
      "-ip.bind=127.0.0.1",
      "-master.volumeSizeLimitMB=1024",
      "-volume.max=0",
      "-s3",
      concat("-s3.ip.bind=", at("s3", "bind")),
      concat("-s3.port=", at("s3", "port")),
      "-s3.port.iceberg=0",
      "-s3.port.lance=0",
      concat("-s3.config=", path("file", "identities.json")),
      concat("-metricsIp=", at("metrics", "bind")),
      concat("-metricsPort=", at("metrics", "port")),
    ],
    ports: [devPort("s3", port), stackPort("metrics", 0)],
    files: [
      { name: "identities.json", content: identities(root, users), mode: 0o600 },
      { name: "grpc.pem", content: lock.pem, mode: 0o600 },
    ],
    reload: "SIGHUP",
    volumes: [{ name: "data", dataMajor: 4 }],
    metrics: [{ port: "metrics", path: "/metrics", list: seaweedfsMetrics }],
    alerts: seaweedfsAlerts(name),
    panels: seaweedfsPanels(name),
    probe: { kind: "http", port: "s3", path: "/healthz" },
    process: { env },
    container: {
      env,
      user: { uid: 1000, gid: 1000 },
      mounts: [{ volume: "data", path: "/data", ownedByImage: false }],
      ports: { s3: 8333, metrics: 9327 },
      health: wgetHealth(8333, "/healthz"),
    },
    stop: { signal: "SIGTERM", graceMs: 60_000 },
  };
}

const rights = {
  read: ["Read", "List"],
  write: ["Write"],
  "read-write": ["Read", "Write", "List", "Tagging"],
} as const;

function identities(root: Expression, users: EngineInput["users"]): Expression {
  const identity = (user: string, key: Expression, actions: readonly string[]): (string | Expression)[] => [
    `{"name":${JSON.stringify(user)},"credentials":[{"accessKey":${JSON.stringify(user)},"secretKey":`,
    encode("json", key),
    `}],"actions":${JSON.stringify(actions)}}`,
  ];
  return concat(
    '{"identities":[',
    ...identity("root", root, ["Admin"]),
    ...users.flatMap(({ user, access, secret }) => [
      ",",
      ...identity(
        user,
        secret,
        Object.entries(access).flatMap(([bucket, right]) => rights[right].map((each) => `${each}:${bucket}`)),
      ),
    ]),
    "]}\n",
  );
}

/** Garage on one node; its secrets are files that its configuration names. */
function garage({ name, port, root }: EngineInput): ServerParts {
  const { bind, path } = self(name);
  const args = ["-c", path("file", "garage.toml"), "server", "--single-node"];
  return {
    part: "garage",
    line: "2",
    program: "garage",
    args,
    ports: [devPort("s3", port), stackPort("rpc", 0, "tcp"), stackPort("admin", 0)],
    files: [
      { name: "rpc-secret", content: encode("sha256", root), mode: 0o600 },
      { name: "admin-token", content: root, mode: 0o600 },
      {
        name: "garage.toml",
        mode: 0o644,
        content: concat(
          'metadata_dir = "',
          path("volume", "data"),
          '/meta"\ndata_dir = "',
          path("volume", "data"),
          '/data"\ndb_engine = "sqlite"\nreplication_factor = 1\nrpc_bind_addr = "',
          bind("rpc"),
          '"\nrpc_secret_file = "',
          path("file", "rpc-secret"),
          '"\n\n[s3_api]\ns3_region = "garage"\napi_bind_addr = "',
          bind("s3"),
          '"\n\n[admin]\napi_bind_addr = "',
          bind("admin"),
          '"\nadmin_token_file = "',
          path("file", "admin-token"),
          '"\n',
        ),
      },
    ],
    volumes: [{ name: "data", dataMajor: 2 }],
    probe: { kind: "http", port: "admin", path: "/health" },
    container: {
      command: texts(path("binary", "/garage"), ...args),
      user: { uid: 1000, gid: 1000 },
      mounts: [{ volume: "data", path: "/var/lib/garage", ownedByImage: false }],
      ports: { s3: 3900, rpc: 3901, admin: 3903 },
      health: healthCommand("/garage", "-c", path("file", "garage.toml"), "status"),
    },
    stop: { signal: "SIGTERM", graceMs: 60_000 },
  };
}

/** MinIO's last community image, for data that is there. */
function minio({ name, port, root }: EngineInput): ServerParts {
  const { bind, path } = self(name);
  return {
    part: "minio",
    line: "2025",
    program: "minio",
    args: [
      "server",
      concat("--address=", bind("s3")),
      concat("--console-address=", bind("console")),
      path("volume", "data"),
    ],
    ports: [devPort("s3", port), devPort("console", port + 1)],
    files: [{ name: "root-password", content: root, mode: 0o600 }],
    volumes: [{ name: "data", dataMajor: 1 }],
    probe: { kind: "http", port: "s3", path: "/minio/health/live" },
    container: {
      env: { MINIO_ROOT_USER: literal("root"), MINIO_ROOT_PASSWORD_FILE: path("file", "root-password") },
      user: { uid: 1000, gid: 1000 },
      mounts: [{ volume: "data", path: "/data", ownedByImage: false }],
      ports: { s3: 9000, console: 9001 },
      health: healthCommand("mc", "ready", "local"),
    },
    stop: { signal: "SIGTERM", graceMs: 60_000 },
  };
}
