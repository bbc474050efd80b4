import { readFileSync } from "node:fs";
import { renderSwarm, resolveStack, stackNetworks, type ResolvedStack, type StackDefinition } from "@caisson/core";
import { expect, test } from "vitest";
import { parse } from "yaml";
import biAgent from "./bi-agent/stack.ts";
import dreamscape from "./dreamscape/stack.ts";
import dyocense from "./dyocense/stack.ts";
import taylordash from "./taylordash/stack.ts";
import { withPrograms } from "./testing/described.ts";
import usageTracking from "./usage-tracking/stack.ts";

/**
 * By stack: the document's networks, each with those of ours that stand for it beside those of its class; the last one for all
 * that no other names.
 */
const documents: readonly (readonly [StackDefinition, Readonly<Record<string, readonly string[]>>])[] = [
  [dyocense, { backend: ["to-postgres", "to-redis"], frontend: ["to-nginx", "edge-nginx"], monitoring: [] }],
  [biAgent, { "local-dev": ["to-postgres", "to-cache", "to-redis", "to-minio"], observability: [] }],
  [taylordash, { taylordash: [] }],
  [usageTracking, { usage_network: [] }],
  [
    dreamscape,
    {
      "database-network": [],
      "cache-network": [],
      "storage-network": [],
      "bigpods-network": ["edge-traefik"],
      "monitoring-network": [],
    },
  ],
];

/** As it runs in production, with everything on that a profile can switch on. */
function whole(definition: StackDefinition): ResolvedStack {
  const environment = "prod" in definition.environments ? "prod" : "dev";
  const { all } = resolveStack(definition, { environment }).profiles;
  return resolveStack(definition, { environment, profiles: all });
}

/** The rows of a README's table below a title, cell by cell. */
function rowsBelow(title: string, text: string): string[][] {
  const section = text.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test.each(documents.map(([definition, classes]) => ({ name: definition.name, definition, classes })))(
  "$name: its README has the document's networks, and who is on ours that stand for them",
  ({ name, definition, classes }) => {
    const names = Object.keys(classes);
    const classOf = (network: string): string =>
      names.find((each) => network.split("_")[0] === each || classes[each]?.includes(network)) ?? names.at(-1) ?? "";
    const rows = stackNetworks(whole(definition))
      .map((network) => [
        classOf(network.name),
        network.name,
        network.internal ? "no way out" : "a way out",
        network.members.join(", "),
      ])
      .toSorted(([a = "", b = ""], [c = "", d = ""]) => names.indexOf(a) - names.indexOf(c) || (b < d ? -1 : 1));
    const readme = readFileSync(new URL(`${name}/README.md`, import.meta.url), "utf8");
    expect(rowsBelow("Networks", readme)).toEqual(rows);
  },
);

test.each(documents.map(([definition]) => ({ name: definition.name, definition })))(
  "$name: a store is reached by who refers to it, and by nobody else",
  ({ definition }) => {
    const stack = whole(definition);
    const networks = stackNetworks(stack);
    const kinds = ["postgres", "redis", "kafka", "mqtt"];
    const stores = stack.resources.filter(({ name, ready }) => kinds.includes(ready?.kind ?? "") || name === "minio");
    expect(stores).not.toEqual([]);
    const usersOf = (name: string): string[] =>
      stack.edges.flatMap(({ from, to }) => (to === name ? [from] : [])).toSorted();
    for (const { name } of stores) {
      const meets = networks.flatMap(({ members }) => (members.includes(name) ? members : []));
      // Who uses one store shares its network: Kafka's brokers, a database and its replica. So does what the same ones refer to.
      const used = stack.edges.flatMap(({ from, to }) => (from === name ? [to] : []));
      const known = [name, ...usersOf(name), ...used, ...used.flatMap(usersOf)];
      const peers = stack.resources.filter((each) => String(usersOf(each.name)) === String(usersOf(name)));
      const strangers = [...new Set(meets)].filter(
        (each) => !known.includes(each) && !peers.some((peer) => peer.name === each),
      );
      expect([name, ...strangers]).toEqual([name]);
    }
  },
);

test("dreamscape: its pods, too, reach one another by the document's networks, and the pages' no store", () => {
  const networks = stackNetworks(whole(withPrograms(dreamscape))).filter(({ internal }) => internal);
  expect([...new Set(networks.map(({ name }) => name.split("_")[0]))].toSorted()).toEqual([
    "bigpods-network",
    "cache-network",
    "database-network",
    "monitoring-network",
    "storage-network",
  ]);
  const on = (member: string): string[] =>
    networks.flatMap(({ name, members }) => (members.includes(member) ? [name] : []));
  // On one with both that its gateway asks, on one with who scrapes it.
  expect(on("experience-pod")).toEqual(["bigpods-network_core-pod", "bigpods-network_experience-pod"]);
  expect(on("postgres")).toEqual(["database-network_postgres"]);
  expect(on("business-pod")).toEqual(expect.arrayContaining(on("postgres")));
});

test("dreamscape: the networks of its stack file are encrypted, and those of its stores lead nowhere", () => {
  const image = { reference: "caisson/stack:0", root: "/app", builtins: { provision: "/app/provision.js" } };
  const { artifacts } = renderSwarm(whole(dreamscape), image);
  const { networks } = parse(artifacts.find(({ path }) => path === "stack.yaml")?.text ?? "") as {
    networks: Record<string, { driver: string; internal?: true; driver_opts: object }>;
  };
  for (const [name, network] of Object.entries(networks))
    expect([name, network]).toEqual([
      name,
      expect.objectContaining({ driver: "overlay", driver_opts: { encrypted: "" } }),
    ]);
  for (const name of ["database-network", "cache-network", "storage-network"])
    expect(networks[name]).toMatchObject({ internal: true });
});
