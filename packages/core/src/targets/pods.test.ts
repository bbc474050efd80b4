import { describe, expect, test } from "vitest";
import { containerLaunches } from "./container/run-launch.ts";
import { gatherPods } from "./container/pods.ts";
import { stackNetworks } from "./container/networks.ts";
import { renderCompose } from "./compose/render-compose.ts";
import { flattenPods } from "./process/flatten-pods.ts";
import { processLaunch } from "./process/launch.ts";
import { renderSwarm } from "./swarm/render-swarm.ts";
import { podStack } from "./testing/pod-stack.ts";
import { wholeBundle } from "./testing/whole-bundle.ts";

const image = {
  reference: "caisson/shop:0123456789ab",
  root: "/app",
  builtins: { provision: "/p.js", pod: "/pod.js" },
};

describe("a stack with pods", () => {
  test("for compose", async () => {
    await expect(wholeBundle(renderCompose(podStack(), image))).toMatchFileSnapshot("compose/golden/pods.txt");
  });

  test("for swarm", async () => {
    await expect(wholeBundle(renderSwarm(podStack(), image))).toMatchFileSnapshot("swarm/golden/pods.txt");
  });

  test("runs a container for each pod, and none for its members", () => {
    const launches = containerLaunches(podStack(), image);
    expect([...launches.keys()]).toEqual([
      "postgres",
      "postgres-provision",
      "migrate",
      "core",
      "experience",
      "nginx",
      "prometheus",
    ]);
  });

  test("is given the time that its members take to start, and that one takes to be back", () => {
    const stack = podStack();
    const resources = stack.resources.map((each) =>
      each.name === "gateway" ? { ...each, probeTiming: { ...each.probeTiming, startPeriodMs: 120_000 } } : each,
    );
    const { artifacts } = renderSwarm({ ...stack, resources }, image);
    const text = artifacts.find(({ path }) => path === "stack.yaml")?.text ?? "";
    const core = text.slice(text.indexOf("\n  core:\n"));
    // 60 s and 120 s; 30 s and 120 s, asked each 10 s.
    expect(/start_period: "(\w+)"/.exec(core)?.[1]).toBe("180s");
    expect(/interval: "(\w+)"\n +retries: (\d+)/.exec(core)?.slice(1)).toEqual(["10s", "15"]);
  });

  test("gathered twice is the same", () => {
    const once = gatherPods(podStack());
    expect(gatherPods(once)).toBe(once);
  });

  test("as processes its programs have its replicas, and an nginx before them is one", () => {
    const resources = podStack().resources.map((each) => (each.pod ? { ...each, replicas: 3 } : each));
    const flat = flattenPods({ ...podStack(), resources }).resources;
    const replicas = new Map(flat.map((each) => [each.name, each.replicas]));
    expect(replicas.get("pages-edge")).toBe(1);
    expect(replicas.get("pages")).toBe(3);
  });

  test("has networks by what its members use, and none within a pod", () => {
    expect(stackNetworks(podStack())).toEqual([
      { name: "to-postgres", internal: true, providers: ["postgres"], members: expect.arrayContaining(["core"]) },
      expect.objectContaining({ members: ["core", "experience", "nginx", "prometheus"], providers: ["core"] }),
      expect.objectContaining({ members: ["experience", "nginx", "prometheus"] }),
      { name: "edge-experience", internal: false, providers: [], members: ["experience"] },
      { name: "edge-nginx", internal: false, providers: [], members: ["nginx"] },
    ]);
  });

  test("has its members as processes, as they are without a pod", () => {
    const { resources } = podStack();
    const byName = new Map(resources.map((each) => [each.name, each]));
    const names = resources.flatMap(({ name, pod, replicas }) => (pod ? [[name, pod.name, replicas]] : []));
    expect(names).toEqual([
      ["users", "core", 3],
      ["gateway", "core", 3],
      ["pages", "experience", 1],
      ["mailer", "experience", 1],
      ["pages-edge", "experience", 1],
    ]);
    for (const resource of resources.filter(({ pod }) => pod)) {
      const { pod: _, ...alone } = resource;
      expect(processLaunch(resource, byName)).toEqual(processLaunch(alone, byName));
    }
  });
});
