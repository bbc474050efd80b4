import { describe, expect, it } from "vitest";
import { Type } from "typebox";
import { nginx } from "../components/nginx.ts";
import { redis } from "../components/redis.ts";
import { HttpUrl } from "../model/contract.ts";
import { defineProgram } from "../model/define-program.ts";
import { job } from "../model/job.ts";
import { gauge } from "../model/metric.ts";
import { pod } from "../model/pod.ts";
import { planned } from "../model/planned.ts";
import type { Resource } from "../model/resource.ts";
import { service, type Service } from "../model/service.ts";
import { defineStack, profile, type StackItem } from "../model/stack.ts";
import { resolveStack } from "./resolve-stack.ts";
import { problemsOf } from "./testing/problems-of.ts";
import { emptyProgram } from "./testing/programs.ts";

const meta = { url: "file:///stack/contract.ts" };
const listening = (name: string, port: number, options: object = {}): Service =>
  service(defineProgram(meta, name, { config: Type.Object({}), http: { port } }), { config: {}, ...options });
const [a, b] = [listening("a", 8001), listening("b", 8002)];
const unwatched = defineProgram(meta, "unwatched", {
  config: Type.Object({}),
  http: { port: 8003 },
  management: false,
});
const client = defineProgram(meta, "client", { config: Type.Object({ url: Type.Optional(HttpUrl) }) });

/** Replicas by name, of what is on. */
function replicas(items: readonly StackItem[], options = {}): Record<string, number> {
  const { resources } = resolveStack(defineStack("shop", items), options);
  return Object.fromEntries(resources.map((each) => [each.name, each.replicas]));
}

describe("a problem of a pod", () => {
  it.each<[string, string[], string[]]>([
    [
      "scaling by what it does not have",
      problemsOf([pod("core", [a], { scale: { min: 2, max: 3, cpu: 0.7, memory: 0.7 } })]),
      [
        "E_POD shop/core/scale: expected 1 <= min <= replicas <= max, got min 2, replicas 1, max 3",
        "E_POD shop/core/scale: cpu is a share of limits.cpus, which the pod does not have",
        "E_POD shop/core/scale: memory is a share of limits.memory, which the pod does not have",
      ],
    ],
    [
      "scaling by nothing",
      problemsOf([pod("core", [a], { scale: { max: 3 } })]),
      ["E_POD shop/core/scale: expected cpu, memory, requests or loads, got none"],
    ],
    [
      "scaling by what nobody tells, by names that would be those of other alerts",
      problemsOf([
        pod("core", [a], {
          scale: {
            max: 3,
            loads: {
              cpu: { metric: gauge("process_resident_memory_bytes", []), perReplica: 1 },
              Users: { metric: gauge("users", []), perReplica: 1 },
            },
          },
        }),
      ]),
      [
        "E_POD shop/core/scale: loads has cpu, which is a load of another kind: choose another name",
        'E_POD shop/core/scale: expected loads named in letters and digits, lower-case first, got "Users"',
        "E_POD shop/core/scale: loads.Users needs users, which no member emits",
      ],
    ],
    [
      "scaling without a member of the kit",
      problemsOf([pod("core", [service(unwatched, { config: {} })], { scale: { max: 3, requests: 10 } })]),
      [
        "E_POD shop/core/scale: expected a member that is built on the kit, whose program_ready counts the replicas; got none",
      ],
    ],
    ["no member", problemsOf([pod("core", [])]), ["E_POD shop/core: expected members, got none"]],
    [
      "a bad name",
      problemsOf([pod("Core", [a])]),
      ['E_NAME_INVALID shop/Core: expected lower-case letters, digits and dashes, got "Core"'],
    ],
    ["a resource's name", problemsOf([pod("b", [a]), b]), ["E_NAME_DUPLICATE shop/b: a service has the pod's name b"]],
    [
      "another pod's name",
      problemsOf([pod("core", [a]), pod("core", [b])]),
      ["E_NAME_DUPLICATE shop/core: a pod has the pod's name core"],
    ],
    [
      "a member twice",
      problemsOf([pod("core", [a, a])]),
      [
        "E_POD shop/core/a: is listed twice",
        "E_NAME_DUPLICATE shop/a: a second service has the name a",
        "E_PORT_CLASH shop/a/ports/http: wants port 8001, which a/http has",
      ],
    ],
    [
      "a member of two pods",
      problemsOf([pod("core", [a]), pod("other", [a])]),
      [
        "E_POD shop/other/a: is in pod core too; expected one pod",
        "E_NAME_DUPLICATE shop/a: a second service has the name a",
        "E_PORT_CLASH shop/a/ports/http: wants port 8001, which a/http has",
      ],
    ],
    [
      "a member that is in the stack beside its pod",
      problemsOf([a, pod("core", [a])]),
      [
        "E_POD shop/core/a: is in the stack beside its pod; list it in the pod only",
        "E_NAME_DUPLICATE shop/a: a second service has the name a",
        "E_PORT_CLASH shop/a/ports/http: wants port 8001, which a/http has",
      ],
    ],
    [
      "equal ports",
      problemsOf([pod("core", [a, listening("c", 8001)])]),
      ["E_PORT_CLASH shop/c/ports/http: wants port 8001, which a/http has"],
    ],
    [
      "a port of the pod's own",
      problemsOf([pod("core", [listening("a", 9466), b])]),
      ["E_PORT_CLASH shop/core/a/ports/http: wants port 9466; the pod itself has 9464 to 9466"],
    ],
    [
      "ports that are equal inside",
      problemsOf([pod("core", [nginx("edge", { port: 80, routes: {} }), listening("c", 8080)])]),
      [
        "E_PORT_CLASH shop/core/c/ports/http: is 8080 in the pod, as edge/ports/http is: choose another in the place of the one below 1024",
      ],
    ],
    [
      "replicas and limits of a member's own",
      problemsOf([
        pod("core", [
          listening("a", 8001, { replicas: 2, limits: { cpus: 1 } }),
          listening("b", 8002, { reservations: { cpus: 1 } }),
        ]),
      ]),
      [
        "E_POD shop/core/a: has replicas and limits of its own, which are the pod's to have",
        "E_POD shop/core/b: has reservations of its own, which are the pod's to have",
      ],
    ],
    [
      "a component that has no program for a pod",
      problemsOf([pod("core", [redis("cache", { role: "cache" })])]),
      [
        "E_POD shop/core/cache: expected a service or an nginx, got the component redis, which runs in no image but its own",
      ],
    ],
    [
      "a job",
      problemsOf([pod("core", [job(emptyProgram, { config: {} })])]),
      ["E_POD shop/core/empty: expected a service, got a job"],
    ],
    [
      "a member that is scaled by itself",
      problemsOf([pod("core", [a])], { scale: { a: 2 } }),
      ["E_POD shop/core/a: has the replicas of its pod: scale core"],
    ],
    [
      "pods that wait for each other, though their members do not",
      problemsOf([
        pod("core", [a, service(client, { name: "last", config: {}, after: [b] })]),
        pod("other", [listening("b", 8002, { after: [a] })]),
      ]),
      ["E_CYCLE shop/core: waits for itself, as a pod waits for all that its members wait for: core -> other -> core"],
    ],
  ])("%s", (_what, problems, expected) => {
    expect(problems).toEqual(expected);
  });
});

describe("a pod", () => {
  const core = pod("core", [a, b], { replicas: 3 });

  it("gives its replicas to its members, and `--scale` of its name too", () => {
    expect(replicas([core])).toEqual({ a: 3, b: 3 });
    expect(replicas([core], { scale: { core: 5 } })).toEqual({ a: 5, b: 5 });
  });

  it("has an nginx as a member, which listens where nothing else of the stack does", () => {
    const edge = nginx("edge", { port: 8000, routes: { "/": a } });
    const { resources } = resolveStack(defineStack("shop", [pod("core", [a, edge], { replicas: 3 })]));
    expect(resources.map((each) => [each.name, each.replicas, each.container?.ports])).toEqual([
      ["a", 3, { management: 9465 }],
      ["edge", 3, { http: 8000, status: 9466 }],
    ]);
  });

  it("is left out by its name, or a member of it by its own", () => {
    expect(replicas([core], { without: ["core"] })).toEqual({});
    expect(replicas([core], { without: ["a"] })).toEqual({ b: 3 });
  });

  it("is on with its profile", () => {
    const items = [profile("all", [core])];
    expect(replicas(items)).toEqual({});
    expect(replicas(items, { profiles: ["all"] })).toEqual({ a: 3, b: 3 });
  });

  it("is not there while none of its programs is", () => {
    const later = pod("core", [planned(a, "not yet")]);
    const { resources, skipped } = resolveStack(defineStack("shop", [later]));
    expect([resources, skipped]).toEqual([[], [{ name: "a", reason: "not yet" }]]);
  });

  it("takes resources only", () => {
    const members: readonly Resource[] = [a];
    pod("core", members);
    // @ts-expect-error a profile is no member
    pod("core", [profile("all", [a])]);
    // @ts-expect-error nor is a pod
    pod("core", [core]);
    // @ts-expect-error a pod is waited for by its members
    service(client, { config: {}, after: [core] });
  });
});
