import { expect, test } from "vitest";
import { mosquitto } from "../../components/mosquitto.ts";
import { grafana } from "../../components/monitoring/grafana.ts";
import { prometheus } from "../../components/monitoring/prometheus.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { sampleStack, secureStack } from "../../targets/testing/sample-stack.ts";
import { podStack } from "../../targets/testing/pod-stack.ts";
import { stackDocs } from "./stack-docs.ts";

const text = (environment: "dev" | "prod"): string =>
  stackDocs(sampleStack(environment)).find(({ path }) => path === "README.md")?.text ?? "";

test.each(["dev", "prod"] as const)("the documents of a stack in %s, whole", async (environment) => {
  await expect(text(environment)).toMatchFileSnapshot(`golden/${environment}.md`);
});

test("a store has an address in dev, and none in production", () => {
  expect(text("dev")).toContain("| postgres | `127.0.0.1:5432` | this host |");
  expect(text("prod")).not.toContain("127.0.0.1:5432");
});

test("tell what clients have to trust, where anything has a certificate of the stack's own", () => {
  const trust = "`caisson secret get local-authority --certificates`";
  expect(stackDocs(secureStack())[0]?.text).toContain(trust);
  expect(text("dev")).not.toContain(trust);
});

test("say which environment the commands are about, and what is left out and why", () => {
  expect(text("prod")).toContain("`export CAISSON_ENV=prod`");
  const skipped = [{ name: "later", reason: "its program is not there" }] as const;
  expect(stackDocs({ ...sampleStack("dev"), skipped })[0]?.text).toContain(
    "## Left out\n\n| resource | because |\n| --- | --- |\n| later | its program is not there |",
  );
});

test("tell which services share a container", async () => {
  await expect(stackDocs(podStack())[0]?.text).toMatchFileSnapshot("golden/pods.md");
  expect(text("dev")).not.toContain("## Pods");
  const commands = [
    ...(stackDocs(podStack())[0]?.text ?? "").replace(/## Backups[^]*?\n## /, "").matchAll(/`caisson (\w+) ([^`]+)`/g),
  ];
  const refused = new Set(["scale", "restart", "stop", "start", "env"]);
  expect(commands.filter(([, verb = ""]) => refused.has(verb)).map(([, , words]) => words)).toEqual([
    "core=2",
    "core",
    "core",
    "core",
  ]);
});

test("name every resource, and have a picture beside them", () => {
  for (const { name } of sampleStack("dev").resources) expect(text("dev")).toContain(name);
  const [, picture] = stackDocs(sampleStack("dev"));
  expect([picture?.path, picture?.text.startsWith("<svg")]).toEqual(["architecture.svg", true]);
});

test("have a row for what a stack has: a port of WebSockets, a Grafana, certificates, what runs in containers alone", () => {
  const { text: whole = "" } =
    stackDocs(
      resolveStack(
        defineStack("watched", [
          mosquitto("mqtt", { users: {}, websocketsPort: 9001, tls: { names: ["broker.example"] } }),
          prometheus("prometheus"),
          grafana("grafana"),
        ]),
      ),
    )[0] ?? {};
  for (const row of [
    "| mqtt websockets | `ws://127.0.0.1:9001` |",
    "| start it the first time: in containers, for a host has no grafana | `caisson up -d --wait --target docker` |",
    "| grafana shows no data: does prometheus run, which it asks | `caisson why prometheus` |",
    "made anew in its last 30 days by | `caisson up -d` |",
    "| mqtt data | a host | `caisson stop mqtt`, copy `data/mqtt/data`, `caisson start mqtt` |",
  ])
    expect(whole).toContain(row);
  expect(text("dev")).not.toMatch(/grafana|--target docker|made anew|caisson build/);
});
