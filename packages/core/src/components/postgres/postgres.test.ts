import { describe, expect, it } from "vitest";
import { optional } from "../../model/optional.ts";
import { postgres, type PostgresOptions } from "../postgres.ts";
import { textOf } from "../testing/in-container.ts";

const imageOf = (options: PostgresOptions): unknown => postgres("db", options).container?.image;
const settingsOf = (options: PostgresOptions): string => {
  const db = postgres("db", options);
  const file = db.files.find(({ name }) => name === "postgresql.conf");
  return file ? textOf(file.content, [db]) : "";
};

describe("the image", () => {
  it.each([
    [["pgcrypto"], "postgres"],
    [["vector", "pgcrypto"], "pgvector"],
    [["timescaledb"], "timescaledb"],
    [["vector", optional("timescaledb")], "timescaledb"],
    [["vector", optional("postgis")], "pgvector"],
  ] as const)("with %j is that of %s", (extensions, name) => {
    expect(imageOf({ extensions })).toEqual({ kind: "catalogue", name, line: "18" });
    expect(postgres("db", { extensions }).problems).toEqual([]);
  });

  it("that nobody has is refused, with what each lacks", () => {
    expect(postgres("db", { version: 15, extensions: ["timescaledb", "vector"] }).problems).toEqual([
      {
        code: "E_VALUE",
        path: "db/extensions",
        message:
          "expected extensions that one image of PostgreSQL 15 has, got timescaledb, vector: " +
          "postgres:15.19-trixie lacks timescaledb, vector; pgvector/pgvector:0.8.6-pg15-trixie lacks timescaledb",
      },
    ]);
  });

  it("of TimescaleDB has its library loaded, and its own user", () => {
    const options = { extensions: ["timescaledb"] };
    expect(postgres("db", options).container?.user).toEqual({ uid: 70, gid: 70 });
    expect(settingsOf(options)).toContain("\nshared_preload_libraries = 'timescaledb'\n");
  });
});

describe("libraries that must be there from the start", () => {
  const commandOf = (options: PostgresOptions): string => JSON.stringify(postgres("db", options).container?.command);

  it("are loaded wherever the server runs, beside the user's own", () => {
    const options = {
      extensions: ["pg_trgm", "pg_stat_statements"],
      extra: { settings: { shared_preload_libraries: "auto_explain, pg_stat_statements" } },
    };
    expect(settingsOf(options)).toContain("\nshared_preload_libraries = 'pg_stat_statements,auto_explain'\n");
    expect(commandOf(options)).not.toContain("shared_preload_libraries");
    expect(postgres("db", options).problems).toEqual([]);
  });

  it("of an optional extension are loaded in an image that has it only", () => {
    const options = { extensions: ["pg_stat_statements", optional("timescaledb")] };
    expect(settingsOf(options)).toContain("\nshared_preload_libraries = 'pg_stat_statements'\n");
    expect(commandOf(options)).toContain("shared_preload_libraries=timescaledb,pg_stat_statements");
    expect(commandOf({ ...options, version: 15 })).not.toContain("shared_preload_libraries");
  });

  it("are none by default", () => {
    expect(settingsOf({ extensions: ["vector"] })).not.toContain("shared_preload_libraries");
  });
});

describe("memory", () => {
  it("follows from the limit, and explicit settings win", () => {
    expect(settingsOf({ limits: { memory: "8GB" }, maxConnections: 500, tuning: { workMem: "10MB" } })).toBe(
      [
        "listen_addresses = '0.0.0.0'",
        "port = 5432",
        "unix_socket_directories = ''",
        "hba_file = '/etc/caisson/pg_hba.conf'",
        "max_connections = '500'",
        "password_encryption = 'scram-sha-256'",
        "logging_collector = 'off'",
        "shared_buffers = '2097152kB'",
        "effective_cache_size = '6291456kB'",
        "maintenance_work_mem = '524288kB'",
        "work_mem = '10240kB'",
        "",
      ].join("\n"),
    );
  });

  it("that is not there is refused", () => {
    const { problems } = postgres("db", { limits: { memory: "1GB" }, tuning: { sharedBuffers: "2GB" } });
    expect(problems).toEqual([
      {
        code: "E_VALUE",
        path: "db/tuning/sharedBuffers",
        message: "expected at most 50 % of the memory limit (512MB), got 2GB",
      },
    ]);
  });
});

describe("memory for all connections at once", () => {
  const problemsOf = (options: PostgresOptions): readonly object[] => postgres("db", options).problems;

  it.each<[string, PostgresOptions]>([
    ["500 of 10 MB in 8 GB", { limits: { memory: "8GB" }, maxConnections: 500, tuning: { workMem: "10MB" } }],
    ["few that nobody asked for", { limits: { memory: "256MB" } }],
    ["many without a limit", { maxConnections: 5000, tuning: { workMem: "1GB" } }],
    [
      "just as much as there is",
      {
        limits: { memory: "1GB" },
        maxConnections: 448,
        tuning: { workMem: "1MB", sharedBuffers: "512MB", maintenanceWorkMem: "64MB" },
      },
    ],
  ])("is there: %s", (_, options) => {
    expect(problemsOf(options)).toEqual([]);
  });

  it.each<[PostgresOptions, path: string, got: string, fits: string]>([
    [
      { maxConnections: 500, tuning: { workMem: "16MB" } },
      "maxConnections",
      "2048MB + 500 x 16MB + 512MB = 10560MB",
      "11534kB",
    ],
    [{ tuning: { workMem: "64MB" } }, "tuning/workMem", "2048MB + 100 x 64MB + 512MB = 8960MB", "57671kB"],
    [
      { tuning: { sharedBuffers: "4GB", workMem: "40MB" } },
      "tuning/workMem",
      "4096MB + 100 x 40MB + 512MB = 8608MB",
      "36700kB",
    ],
    [{ maxConnections: 2000 }, "maxConnections", "2048MB + 2000 x 4MB + 512MB = 10560MB", "2883kB"],
  ])("is refused with what would fit: %j in 8 GB", (options, path, got, fits) => {
    expect(problemsOf({ ...options, limits: { memory: "8GB" } })).toEqual([
      {
        code: "E_VALUE",
        path: `db/${path}`,
        message:
          "expected sharedBuffers + maxConnections x workMem + maintenanceWorkMem within the memory limit (8192MB), " +
          `got ${got}; lower workMem (${fits} fits), maxConnections or sharedBuffers, or raise the limit`,
      },
    ]);
  });
});

describe("read replicas", () => {
  it("each have a volume, a URL and a way of their own to follow the primary", () => {
    const db = postgres("db", { readReplicas: 2 });
    expect(db.readReplicas.map(({ url }) => url)).toMatchObject([
      { resource: "db-replica-1" },
      { resource: "db-replica-2" },
    ]);
    expect(db.readReplicas.flatMap(({ provision }) => provision)).toMatchObject([
      { role: "db_replica_1", slot: "db_replica_1", password: { name: "db-replica-1-replication" } },
      { role: "db_replica_2", slot: "db_replica_2", password: { name: "db-replica-2-replication" } },
    ]);
    expect(settingsOf({ readReplicas: 1 })).toContain("max_slot_wal_keep_size");
    expect(settingsOf({})).not.toContain("max_slot_wal_keep_size");
  });

  it.each([-1, 1.5, 5])("are not %d", (readReplicas) => {
    const db = postgres("db", { readReplicas });
    expect(db.problems).toEqual([expect.objectContaining({ code: "E_VALUE", path: "db/readReplicas" })]);
    expect(db.readReplicas).toEqual([]);
  });
});

describe("roles beside the owner", () => {
  const options = {
    user: "shop",
    schemas: ["sales"],
    roles: { auditor: { sales: "read" }, till_1: { sales: "read-write", public: "read" } },
  } as const;

  it("have a URL and a login each, and what they may do is provisioned after the schemas", () => {
    const db = postgres("db", options);
    expect(db.urls.till_1).toEqual({ kind: "ref", resource: "db", output: "url-till_1" });
    expect(db.logins).toEqual([
      { user: "shop", secret: "db-shop" },
      { user: "auditor", secret: "db-auditor" },
      { user: "till_1", secret: "db-till-1" },
    ]);
    const access = { kind: "postgres-access", database: "db", owner: "shop" };
    expect(db.provision.slice(2)).toEqual([
      { kind: "postgres-schema", database: "db", schema: "sales", owner: "shop" },
      { kind: "postgres-role", role: "auditor", password: expect.objectContaining({ name: "db-auditor" }) },
      { ...access, role: "auditor", read: ["sales"], write: [] },
      { kind: "postgres-role", role: "till_1", password: expect.objectContaining({ name: "db-till-1" }) },
      { ...access, role: "till_1", read: ["public"], write: ["sales"] },
    ]);
    expect(db.problems).toEqual([]);
    // @ts-expect-error no such role
    expect(db.urls.nobody).toBeUndefined();
  });

  it.each([
    [{ database: "postgres" }, "db/user"],
    [{ schemas: ["pg_mine"] }, "db/schemas/pg_mine"],
    [{ roles: { "drop table": {} } }, "db/roles/drop table"],
    [{ roles: { db: {} } }, "db/roles/db"],
    [{ roles: { reader: { sales: "read" } } }, "db/roles/reader/sales"],
  ] as const)("that cannot be are refused: %j", (wrong: PostgresOptions, path) => {
    expect(postgres("db", wrong).problems).toEqual([expect.objectContaining({ code: "E_VALUE", path })]);
  });
});

it("with an audit logs who came and every change", () => {
  expect(settingsOf({ audit: true })).toContain("log_statement = 'mod'\n");
  expect(settingsOf({})).not.toContain("log_statement");
});

it("shows its certificate to whoever asks for that alone, from 17 on", () => {
  const shown = (options: PostgresOptions) => postgres("db", options).ports.map(({ tls }) => tls);
  expect([shown({ tls: true }), shown({ tls: true, version: 16 }), shown({})]).toEqual([
    [true],
    [undefined],
    [undefined],
  ]);
});
