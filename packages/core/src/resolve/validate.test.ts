import { describe, expect, it } from "vitest";
import { postgres } from "../components/postgres.ts";
import { redis } from "../components/redis.ts";
import { isCaissonError } from "../errors/caisson-error.ts";
import { literal } from "../model/expression.ts";
import { job } from "../model/job.ts";
import type { Resource } from "../model/resource.ts";
import { secret } from "../model/secret.ts";
import { service } from "../model/service.ts";
import { defineStack, network } from "../model/stack.ts";
import { resolveStack } from "./resolve-stack.ts";
import { problemsOf } from "./testing/problems-of.ts";
import { clientProgram, emptyProgram, gateway } from "./testing/programs.ts";

const db = postgres("db");
const empty = (name: string, options: object = {}): Resource => service(emptyProgram, { name, config: {}, ...options });
const after = (resource: string) => ({ resource, strength: "needs", condition: "healthy" }) as const;

describe("a problem of a stack", () => {
  it.each<[string, string[], string[]]>([
    [
      "a bad name of the stack",
      problemsOf([], {}, "Shop"),
      ['E_NAME_INVALID Shop: expected lower-case letters, digits and dashes as the stack\'s name, got "Shop"'],
    ],
    [
      "an unknown environment",
      problemsOf([], { environment: "prd" }),
      ['E_ENVIRONMENT_UNKNOWN shop/environments: expected one of dev, got "prd"'],
    ],
    [
      "an unknown profile",
      problemsOf([db], { profiles: ["web"] }),
      ['E_PROFILE_UNKNOWN shop/profiles: expected one of none, got "web"'],
    ],
    [
      "a network class of a bad name, or of one that a derived network could have",
      problemsOf([network("Stores", [db]), network("to-db", [redis("cache", { role: "cache" })])]),
      [
        'E_NAME_INVALID shop/Stores: expected lower-case letters, digits and dashes as a network\'s name, got "Stores"',
        "E_NAME_INVALID shop/to-db: expected a network's name other than alone, to-... and edge-..., which derived ones have, got to-db",
      ],
    ],
    [
      "a network class in another, and one that nobody could connect to",
      problemsOf([
        network("stores", [network("databases", [db])]),
        network("setup", [job(emptyProgram, { name: "setup", config: {} })]),
        network("nothing", []),
      ]),
      [
        "E_NETWORK_CLASS shop/stores: expected resources, got the network class databases in it",
        "E_NETWORK_CLASS shop/setup: expected a member with a port that others connect to, got setup, a job",
        "E_NETWORK_CLASS shop/nothing: expected a member with a port that others connect to, got none",
      ],
    ],
    [
      "leaving out what is not there",
      problemsOf([db], { without: ["bd"] }),
      ['E_REFERENCE_UNKNOWN shop: expected one of db, db-provision, got "bd"; did you mean db?'],
    ],
    [
      "scaling what is not there",
      problemsOf([empty("web")], { scale: { wob: 2 } }),
      ['E_REFERENCE_UNKNOWN shop: expected one of web, got "wob"; did you mean web?'],
    ],
    [
      "a bad name",
      problemsOf([empty("Web_1")]),
      ['E_NAME_INVALID shop/Web_1: expected lower-case letters, digits and dashes, got "Web_1"'],
    ],
    [
      "a name twice",
      problemsOf([empty("web"), job(emptyProgram, { name: "web", config: {} })]),
      ["E_NAME_DUPLICATE shop/web: a second job has the name web"],
    ],
    [
      "waiting for what is not there",
      problemsOf([empty("web", { after: [after("wob")] })]),
      ["E_REFERENCE_UNKNOWN shop/web/after: waits for wob, which is not in the stack; did you mean web?"],
    ],
    [
      "a reference to what is not there",
      problemsOf([gateway({})]),
      ["E_REFERENCE_UNKNOWN shop/gateway/config/databaseUrl: refers to db, which is not in the stack"],
    ],
    [
      "a reference to an output that is not there",
      problemsOf([db, gateway({ databaseUrl: { kind: "ref", resource: "db", output: "uri" } })]),
      [
        "E_REFERENCE_UNKNOWN shop/gateway/config/databaseUrl: refers to db.uri; db offers url, adminUrl, host, port, parameters",
      ],
    ],
    [
      "an address alone of a store that speaks TLS",
      problemsOf([
        postgres("db", { tls: true }),
        gateway({ databaseUrl: { kind: "ref", resource: "db", output: "host" } }),
      ]),
      ["E_REFERENCE_UNKNOWN shop/gateway/config/databaseUrl: refers to db.host; db offers url, adminUrl, parameters"],
    ],
    [
      "a port that is not there",
      problemsOf([db, gateway({ databaseUrl: { kind: "address", resource: "db", port: "pg", part: "host" } })]),
      ["E_REFERENCE_UNKNOWN shop/gateway/config/databaseUrl: refers to port pg of db, which has none of that name"],
    ],
    [
      "a circle",
      problemsOf([empty("a", { after: [after("b")] }), empty("b", { after: [after("a")] })]),
      ["E_CYCLE shop/a: waits for itself: a -> b -> a"],
    ],
    [
      "a port with two owners",
      problemsOf([db, postgres("other")]),
      ["E_PORT_CLASH shop/other/ports/postgres: wants port 5432, which db/postgres has"],
    ],
    [
      "a port out of range",
      problemsOf([postgres("db", { port: 70_000 })]),
      ["E_VALUE shop/db/ports/postgres: expected a port from 1 to 65535, got 70000"],
    ],
    [
      "replicas out of range",
      problemsOf([empty("web", { replicas: 1.5 })]),
      ["E_VALUE shop/web/replicas: expected a whole number from 0 to 1000, got 1.5"],
    ],
    [
      "replicas of what has none",
      problemsOf([db], { scale: { db: 2 } }),
      ["E_VALUE shop/db/replicas: expected 1, got 2: only a service has replicas"],
    ],
    [
      "no CPU at all",
      problemsOf([empty("web", { limits: { cpus: 0 } })]),
      ["E_VALUE shop/web/limits/cpus: expected more than 0, got 0"],
    ],
    [
      "too little memory",
      problemsOf([empty("web", { limits: { memory: "1MB" } })]),
      ["E_VALUE shop/web/limits/memory: expected at least 6MB, got 1048576 bytes"],
    ],
    [
      "a reservation above its limit",
      problemsOf([empty("web", { limits: { cpus: 1 }, reservations: { cpus: 2 } })]),
      ["E_VALUE shop/web/reservations/cpus: expected at most the limit of 1, got 2"],
    ],
    [
      "pools larger than their store",
      problemsOf([
        postgres("db", { maxConnections: 20 }),
        empty("web", { replicas: 3, pools: [{ of: db, size: 5 }] }),
        empty("api", { pools: [{ of: db, size: 4 }] }),
      ]),
      [
        "E_VALUE shop/db/connections: expected pools of at most 17 connections, got 19 (web 3 x 5, api 1 x 4); raise maxConnections or lower a pool",
      ],
    ],
    [
      "a setting against a derived one",
      problemsOf([redis("cache", { role: "queue", extra: { settings: { appendonly: "no" } } })]),
      [
        "E_VALUE shop/cache/extra/settings/appendonly: sets appendonly = no, but it is derived as yes; use the component's own option",
      ],
    ],
    [
      "a secret defined twice",
      problemsOf([db, gateway({}), gateway({ pepper: secret("pepper", { provided: true }) }, "second")]).slice(-1),
      ["E_VALUE shop/second/config/pepper: the secret pepper is defined twice with different options"],
    ],
    [
      "a secret of few bytes",
      problemsOf([db, gateway({ pepper: secret("pepper", { bytes: 4 }) })]),
      ["E_VALUE shop/gateway/config/pepper: expected 16 to 64 bytes for the secret pepper, got 4"],
    ],
    [
      "a secret with a bad name",
      problemsOf([db, gateway({ pepper: secret("api_key") })]),
      [
        'E_NAME_INVALID shop/gateway/config/pepper: expected a secret\'s name of lower-case letters, digits and dashes, got "api_key"',
      ],
    ],
  ])("%s", (_what, found, expected) => {
    expect(found).toEqual(expected);
  });

  it("does not keep others from being found: all are reported at once, in one error", () => {
    const items = [
      db,
      postgres("other"),
      empty("Web_1"),
      empty("web", { after: [after("wob")], replicas: -1 }),
      gateway({ batch: "5", extra: literal(1) }),
      service(clientProgram, { config: {} } as never),
    ];
    expect(problemsOf(items, { without: ["nobody"] }).map((each) => each.split(" ").slice(0, 2).join(" "))).toEqual([
      "E_REFERENCE_UNKNOWN shop:",
      "E_NAME_INVALID shop/Web_1:",
      "E_REFERENCE_UNKNOWN shop/web/after:",
      "E_VALUE shop/web/replicas:",
      "E_CONTRACT shop/gateway/config/batch:",
      "E_CONTRACT shop/gateway/config/extra:",
      "E_CONTRACT shop/client/config/peerUrl:",
      "E_PORT_CLASH shop/other/ports/postgres:",
    ]);
    try {
      resolveStack(defineStack("shop", items));
    } catch (error) {
      expect(String(error)).toContain("stack shop has 7 problems:");
      expect(isCaissonError(error) && error.code).toBe("E_STACK_INVALID");
    }
  });

  it("is not found in a stack that has none", () => {
    expect(problemsOf([db, gateway({ batch: 5, mode: "safe" }), empty("web", { replicas: 0 })])).toEqual([]);
  });
});
