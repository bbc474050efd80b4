import { describe, expect, it } from "vitest";
import type { HostFacts } from "../host/facts.ts";
import { bindProvider, type Binding, type ProviderRequest } from "./bind.ts";

const bare: HostFacts = {
  platform: "linux-x64",
  uid: 1000,
  cpus: 2,
  memory: 8e9,
  path: "/usr/bin",
  home: "/home/a",
  timeZone: undefined,
  npmPostgres: undefined,
  systemPostgres: [],
  redis: [],
  nginx: [],
};
const npm = { folder: "/p", version: "18.4.0", major: 18, extensions: ["plpgsql", "pg_trgm"] };
const system = (major: number, extensions: readonly string[] = ["plpgsql"]): HostFacts["systemPostgres"][number] => ({
  path: `/usr/lib/postgresql/${major}/bin/postgres`,
  version: `${major}.1`,
  major,
  extensions,
});
const postgres18: ProviderRequest = { product: "postgres", major: 18, extensions: [] };
const bound = (provider: "npm" | "system", major: number): Binding => ({
  provider,
  version: `${major}.0`,
  major,
  binaries: {},
});

describe("bindProvider", () => {
  const cases: readonly [
    name: string,
    request: ProviderRequest,
    facts: Partial<HostFacts>,
    recorded: Binding | null,
    expected: string,
  ][] = [
    ["npm is the default", postgres18, { npmPostgres: npm, systemPostgres: [system(18)] }, null, "npm 18.4.0"],
    [
      "the system's at the pinned major where npm has none",
      postgres18,
      { systemPostgres: [system(18)] },
      null,
      "system 18.1",
    ],
    ["never another major", postgres18, { systemPostgres: [system(15), system(17)] }, null, "none"],
    [
      "an extension decides for the system's",
      { ...postgres18, extensions: ["timescaledb"] },
      { npmPostgres: npm, systemPostgres: [system(18, ["timescaledb"])] },
      null,
      "system 18.1",
    ],
    [
      "an extension npm has keeps npm",
      { ...postgres18, extensions: ["pg_trgm"] },
      { npmPostgres: npm },
      null,
      "npm 18.4.0",
    ],
    ["an extension nobody has", { ...postgres18, extensions: ["timescaledb"] }, { npmPostgres: npm }, null, "none"],
    [
      "data keeps its provider when a better one appears",
      postgres18,
      { npmPostgres: npm, systemPostgres: [system(18)] },
      bound("system", 18),
      "system 18.1",
    ],
    [
      "data keeps its provider at a new minor",
      postgres18,
      { npmPostgres: { ...npm, version: "18.9.0" } },
      bound("npm", 18),
      "npm 18.9.0",
    ],
    ["data of another major is never opened", postgres18, { npmPostgres: npm }, bound("system", 15), "none"],
    [
      "a provider that went is replaced at the same major",
      postgres18,
      { npmPostgres: npm },
      bound("system", 18),
      "npm 18.4.0",
    ],
    ["no redis", { product: "redis", major: 7, extensions: [] }, {}, null, "none"],
    [
      "a redis that is too old",
      { product: "redis", major: 7, extensions: [] },
      { redis: [{ path: "/r", version: "6.0.1", major: 6 }] },
      null,
      "none",
    ],
    [
      "valkey first",
      { product: "redis", major: 7, extensions: [] },
      {
        redis: [
          { path: "/v", version: "8.1.0", major: 8 },
          { path: "/r", version: "7.0.1", major: 7 },
        ],
      },
      null,
      "system 8.1.0",
    ],
  ];
  it.each(cases)("%s", (_name, request, facts, recorded, expected) => {
    const result = bindProvider(request, { ...bare, ...facts }, recorded);
    expect(result.available ? `${result.binding.provider} ${result.binding.version}` : "none").toBe(expected);
  });

  it("names what it found and every way to get what it wants", () => {
    const result = bindProvider(
      { ...postgres18, extensions: ["timescaledb"] },
      { ...bare, systemPostgres: [system(15)] },
    );
    expect(result).toEqual({
      available: false,
      reason: "expected PostgreSQL 18 with timescaledb, found 15.1",
      ways: [
        "apt-get install postgresql-18 postgresql-18-timescaledb",
        'external("postgres", ...) for a server that runs elsewhere',
      ],
    });
  });
});
