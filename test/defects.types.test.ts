import {
  alloy,
  type Alert,
  asValue,
  container,
  counter,
  defineProgram,
  defineStack,
  external,
  file,
  isCaissonError,
  job,
  nginx,
  planned,
  postgres,
  PostgresUrl,
  prometheus,
  redis,
  RedisUrl,
  resolveStack,
  s3,
  secret,
  SecretText,
  service,
  type StackItem,
  Type,
} from "@caisson/core";
import { counts, rate } from "@caisson/core/promql";
import type { HttpApp } from "@caisson/kit";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/**
 * The classes of defects that stacks of this kind have had, each with an example that cannot be written, or is refused
 * before anything runs. `docs/defects.md` says of each class what keeps it out.
 */
const classes = [
  "FILE",
  "PROBE",
  "ENV",
  "ORDER",
  "NET",
  "SIGNAL",
  "SECRET",
  "DATA",
  "PIN",
  "INIT",
  "PORT",
  "QUEUE",
  "AUTHZ",
  "SQL",
  "FAKE",
  "DOC",
  "PRIV",
] as const;
type Class = (typeof classes)[number];

const gateway = defineProgram(import.meta, "gateway", {
  config: Type.Object({
    databaseUrl: PostgresUrl,
    queueUrl: Type.Optional(RedisUrl),
    pepper: Type.Optional(SecretText(16)),
  }),
  http: { port: 8000 },
  metrics: { orders: counter("orders_total", ["result"]) },
});
const migrate = defineProgram(import.meta, "migrate", { config: Type.Object({ databaseUrl: PostgresUrl }) });
const db = postgres("db");
const cache = redis("cache", { role: "cache" });
const queue = redis("queue", { role: "queue" });
const schema = job(migrate, { config: { databaseUrl: db.url } });
const web = { image: "ghcr.io/acme/web:1.2.0", ports: { http: { number: 80 } } } as const;
const up = { kind: "http", port: "http", path: "/" } as const;
const { orders } = gateway.metrics;

/** What must compile, and make a stack: if it did not, the violations below would prove nothing. */
function compiles({ get }: Pick<HttpApp, "get">): readonly StackItem[] {
  get("/orders", { guard: "public" }, () => ({}));
  rate(counts(orders, { result: "ok" }), "5m");
  // Only its types are asked: its alert is on a metric that nobody emits.
  service(gateway, { name: "after", config: { databaseUrl: db.url }, after: [schema], alerts: [alert] });
  return [
    db,
    queue,
    schema,
    service(gateway, { config: { databaseUrl: db.url, queueUrl: queue.streams, pepper: secret("pepper") } }),
    container("web", { ...web, probe: up }),
    postgres("own", { port: 5433 }),
  ];
}

/** What must not compile; each error is on the line below its comment, which names the class. */
function unwritable({ get }: Pick<HttpApp, "get">): unknown {
  return [
    // @ts-expect-error FILE a path of the host: a file is content, or a file beside a module
    container("web", { ...web, probe: up, files: { "/etc/web.conf": file(import.meta, "./gone.conf") } }),
    // @ts-expect-error FILE a folder of the host
    container("web", { ...web, probe: up, binds: ["./conf:/etc/web"] }),
    // @ts-expect-error PROBE no probe at all
    container("web", web),
    // @ts-expect-error PROBE of a port that the program does not have
    container("web", { ...web, probe: { kind: "http", port: "admin", path: "/" } }),
    // @ts-expect-error ENV a name the program does not read
    service(gateway, { config: { databaseUrl: db.url, databaseHost: db.host } }),
    // @ts-expect-error ENV a name the program reads, left out
    service(gateway, { config: {} }),
    // @ts-expect-error ORDER what is waited for is a resource, not a name
    service(gateway, { config: { databaseUrl: db.url }, after: ["migrate"] }),
    // @ts-expect-error NET the address of a host that somebody typed
    service(gateway, { config: { databaseUrl: "postgres://postgres:5432/shop" } }),
    // @ts-expect-error NET an upstream by its name
    nginx("edge", { routes: { "/": "http://gateway:8000" } }),
    // @ts-expect-error SIGNAL a label that nobody emits
    counts(orders, { status: "ok" }),
    // @ts-expect-error SIGNAL a metric that is not in the contract
    gateway.metrics.requests,
    // @ts-expect-error SECRET a literal
    service(gateway, { config: { databaseUrl: db.url, pepper: "changeme" } }),
    // @ts-expect-error SECRET a default
    secret("pepper", { default: "changeme" }),
    // @ts-expect-error DATA where a database keeps its data is not for a stack to say
    postgres("db", { dataPath: "/var/lib/postgresql/data" }),
    // @ts-expect-error DATA a named volume that goes nowhere
    container("web", { ...web, probe: up, volumes: ["data"] }),
    // @ts-expect-error PIN a version that is not supported any more
    postgres("db", { version: 12 }),
    // @ts-expect-error INIT scripts of the first boot, which no later boot repeats
    postgres("db", { initScripts: ["./init.sql"] }),
    // @ts-expect-error PORT a name for the container, which a second replica could not have
    service(gateway, { config: { databaseUrl: db.url }, containerName: "gateway" }),
    // @ts-expect-error PORT a subnet, which a second stack could have too
    defineStack("shop", { subnet: "172.20.0.0/16" }, () => []),
    // @ts-expect-error QUEUE streams of what may evict them
    cache.streams,
    // @ts-expect-error QUEUE eviction where work waits
    redis("queue", { role: "queue", eviction: "allkeys-lru" }),
    // @ts-expect-error AUTHZ a route that does not say who may
    get("/orders", {}, () => ({})),
    // @ts-expect-error SQL a database of another engine than the one the statements are for
    asValue<"sqlite-url">("sqlite::memory:"),
    // @ts-expect-error SQL the address of another store
    service(gateway, { config: { databaseUrl: queue.url } }),
    // @ts-expect-error FAKE a program that is not there yet says why
    planned(service(gateway, { config: { databaseUrl: db.url } })),
    // @ts-expect-error DOC a metric described by hand, beside what is emitted
    prometheus("prometheus", { scrapeConfigs: ["static_configs: ..."] }),
    // @ts-expect-error PRIV a privileged container
    container("web", { ...web, probe: up, privileged: true }),
    // @ts-expect-error PRIV the engine's socket, in place of the proxy that only reads
    alloy("alloy", { loki: external, engine: "/var/run/docker.sock" }),
  ];
}

const alert: Alert = {
  name: "OrdersStopped",
  severity: "warning",
  value: rate(counts(counter("order_total", ["result"])), "5m"),
  op: "<",
  threshold: 1,
  for: "5m",
  summary: "",
  action: "",
  example: [],
};

/** What is refused when the stack is resolved, before anything runs; for those who do not check types, and what types cannot say. */
const refused: readonly (readonly [Class, what: string, items: readonly StackItem[], said: string])[] = [
  [
    "PROBE",
    "asks a port that is not there",
    [{ ...container("web", { ...web, probe: up }), ready: { kind: "http", port: "admin", path: "/" } }],
    "E_REFERENCE_UNKNOWN shop/web/ready: asks port admin of web, which has none of that name",
  ],
  [
    "ENV",
    "is not what the program reads",
    [db, service(gateway, { config: { databaseUrl: db.url, databaseURL: "x" } as never })],
    "E_CONTRACT shop/gateway/config/databaseURL: is not in the contract; did you mean databaseUrl? (declared: databaseUrl, queueUrl, pepper)",
  ],
  [
    "ORDER",
    "waits for migrations that nobody runs",
    [db, service(gateway, { config: { databaseUrl: db.url }, after: [schema] })],
    "E_REFERENCE_UNKNOWN shop/gateway/after: waits for migrate, which is not in the stack",
  ],
  [
    "NET",
    "leads to a host that is not in the stack",
    [service(gateway, { config: { databaseUrl: db.url } })],
    "E_REFERENCE_UNKNOWN shop/gateway/config/databaseUrl: refers to db, which is not in the stack",
  ],
  [
    "SIGNAL",
    "alerts on a metric that nobody emits",
    [db, service(gateway, { config: { databaseUrl: db.url }, alerts: [alert] })],
    "E_METRIC shop/gateway/alerts/OrdersStopped: uses the metric order_total, which nobody in the stack emits; did you mean orders_total?",
  ],
  [
    "SECRET",
    "is a literal",
    [db, service(gateway, { config: { databaseUrl: db.url, pepper: "changeme" as never } })],
    "E_CONTRACT shop/gateway/config/pepper: expected a secret, got a literal; use secret(...)",
  ],
  [
    "SECRET",
    "is in the environment, where everybody may read it",
    [container("web", { ...web, probe: up, env: { TOKEN: secret("token") } })],
    "E_VALUE shop/web/container/env/TOKEN: expected a value without a secret, got one with token; give it as a file",
  ],
  [
    "DATA",
    "archives to nowhere",
    [postgres("db", { extra: { settings: { archive_mode: "on", archive_command: "/bin/true" } } })],
    'E_VALUE shop/db/extra/settings/archive_command: expected a command that keeps what it is given, got "/bin/true": it looks like an archive and keeps nothing',
  ],
  [
    "PIN",
    "is an image that changes under its tag",
    [container("web", { ...web, image: "nginx:latest", probe: up })],
    'E_VALUE shop/web/image: expected a tag that does not move, or a digest, got "nginx:latest"',
  ],
  [
    "PIN",
    "is a program that nobody maintains",
    [container("logs", { ...web, image: "grafana/promtail:3.0.0", probe: up })],
    "E_PART_GONE shop/logs/image: grafana/promtail:3.0.0 is promtail, which nobody maintains since 2026-03-02; use alloy(...) of the catalogue",
  ],
  [
    "INIT",
    "makes an extension that no image has",
    [postgres("db", { extensions: ["json"] })],
    "E_VALUE shop/db/extensions: expected extensions that one image of PostgreSQL 18 has, got json: ",
  ],
  [
    "PORT",
    "has two owners",
    [db, postgres("other")],
    "E_PORT_CLASH shop/other/ports/postgres: wants port 5432, which db/postgres has",
  ],
  [
    "QUEUE",
    "would forget what it promised to keep",
    [redis("queue", { role: "queue", extra: { settings: { appendonly: "no" } } })],
    "E_VALUE shop/queue/extra/settings/appendonly: sets appendonly = no, but it is derived as yes; use the component's own option",
  ],
  [
    "SQL",
    "meets a store that cannot run it",
    [queue, service(gateway, { config: { databaseUrl: queue.url as never } })],
    "E_CONTRACT shop/gateway/config/databaseUrl: expected a postgres-url, got queue.url, a redis-url",
  ],
  [
    "FAKE",
    "is not made yet",
    s3("store", { engine: "minio", buckets: {}, users: { web: {} } }).resources,
    "E_NOT_IMPLEMENTED shop/store/users: keys of minio are not made yet; use engine seaweedfs, or leave them out and make them with `mc admin user add`",
  ],
];

function problemsOf(items: readonly StackItem[]): string[] {
  try {
    resolveStack(defineStack("shop", items));
  } catch (error) {
    if (isCaissonError(error)) return error.problems.map(({ code, path, message }) => `${code} ${path}: ${message}`);
    throw error;
  }
  return [];
}

describe("a defect", () => {
  it.each(refused)("of class %s: what %s is refused", (_class, _what, items, said) => {
    const problems = problemsOf(items);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(said);
  });

  it("is told from what is right, which makes a stack; where types are not asked it does not come to one", () => {
    const get = (): void => {};
    expect(problemsOf(compiles({ get }))).toEqual([]);
    expect(() => unwritable({ get })).toThrow("in migrate");
  });

  it("of each class has an example", () => {
    const marks = readFileSync(import.meta.filename, "utf8").matchAll(/^ *\/\/ @ts-expect-error ([A-Z]+) /gm);
    const shown = new Set([...[...marks].map(([, mark]) => mark), ...refused.map(([each]) => each)]);
    expect(classes.filter((each) => !shown.has(each))).toEqual([]);
  });
});
