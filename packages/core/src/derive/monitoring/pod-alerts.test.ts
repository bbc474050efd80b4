import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "typebox";
import { expect, it } from "vitest";
import { yamlText } from "../../components/config-text.ts";
import { defineProgram } from "../../model/define-program.ts";
import { gauge } from "../../model/metric.ts";
import { pod } from "../../model/pod.ts";
import { service } from "../../model/service.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { dashboardRows } from "../grafana/rows.ts";
import { alertsOf } from "./alerts-of.ts";
import { ruleTests } from "./rule-tests.ts";
import { ruleFile } from "./rules.ts";
import { scrapeJobs } from "./scrape-jobs.ts";
import { textOf } from "./testing/text-of.ts";

const users = gauge("active_users", [], "People signed in");
const program = (name: string, port: number) =>
  service(
    defineProgram({ url: "file:///shop/contract.ts" }, name, {
      config: Type.Object({}),
      http: { port },
      metrics: { users },
    }),
    { config: {} },
  );
const shop = { name: "shop", environment: "dev" };
const { resources } = resolveStack(
  defineStack("shop", [
    pod("core", [program("entry", 8000), program("account", 8001)], {
      replicas: 3,
      limits: { cpus: 2, memory: "4GB" },
      scale: {
        min: 2,
        max: 5,
        cpu: 0.7,
        memory: 0.8,
        requests: 1000,
        loads: { users: { metric: users, perReplica: 1000 } },
      },
    }),
  ]),
);
const alerts = alertsOf(resources).filter(({ of }) => of === "core");
const promtool = spawnSync("promtool", ["--version"]).status === 0;

it("has alerts of a pod on its limits and on how many replicas it wants", () => {
  expect(alerts.map(({ name, threshold }) => `${name} ${threshold}`)).toEqual([
    "CpuHigh 0.85",
    "MemoryHigh 0.9",
    "ScaleUpByCpu 0.7",
    "ScaleUpByMemory 0.8",
    "ScaleUpByRequests 1000",
    "ScaleUpByUsers 1000",
    "ScaleDown 0.56",
  ]);
});

it("has no alert on limits of a member, which are its pod's", () => {
  expect(alertsOf(resources).filter(({ name, of }) => of === "entry" && /^(Cpu|Memory)High$/.test(name))).toEqual([]);
});

it("takes the host of a member for its instance, by which members of one replica find each other", () => {
  const text = textOf(yamlText([...scrapeJobs("prometheus", resources, shop).jobs]));
  expect(text.match(/regex: "\(\.\+\):\[0-9\]\+"\n *target_label: "instance"/g)).toHaveLength(2);
});

it("has a row of panels of a pod before those of its members", () => {
  const rows = dashboardRows(resources);
  expect(rows.map(({ title }) => title)).toEqual(["Availability", "core", "entry", "account"]);
  expect(rows[1]?.panels.map(({ title }) => title)).toEqual([
    "Health",
    "Replicas",
    "Requests a second",
    "Errors a second",
    "Time to answer",
    "CPU",
    "Memory",
  ]);
});

it.skipIf(!promtool)("sees each alert of a pod fire and clear, says promtool", () => {
  const folder = mkdtempSync(join(tmpdir(), "caisson-pod-alerts-"));
  try {
    const run = (): string => {
      writeFileSync(join(folder, "tests.yml"), textOf(yamlText(ruleTests(alerts, ["rules.yml"]))));
      const { stdout, stderr } = spawnSync("promtool", ["test", "rules", "tests.yml"], {
        cwd: folder,
        encoding: "utf8",
      });
      return stdout + stderr;
    };
    const rules = textOf(yamlText(ruleFile(resources, alerts)));
    writeFileSync(join(folder, "rules.yml"), rules);
    expect(run()).toContain("SUCCESS");
    writeFileSync(join(folder, "rules.yml"), rules.replaceAll("> 1000", "> 100000"));
    expect(run()).toMatch(/ScaleUpByRequests[^]*ScaleUpByUsers/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("has an alert on its memory where it has no limit of CPU, and finds its replicas by name also where it starts with one", () => {
  const alone = resolveStack(
    defineStack("shop", [
      pod("core", [program("entry", 8000)], { limits: { memory: "4GB" }, scale: { max: 5, memory: 0.8 } }),
    ]),
  ).resources;
  const names = alertsOf(alone)
    .filter(({ of }) => of === "core")
    .map(({ name }) => name);
  expect(names).toEqual(["MemoryHigh", "ScaleUpByMemory", "ScaleDown"]);
  expect(textOf(yamlText(scrapeJobs("prometheus", alone, shop).jobs))).toContain("dns_sd_configs");
});
