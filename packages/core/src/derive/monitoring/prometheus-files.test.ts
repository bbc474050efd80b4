import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { yamlText } from "../../components/config-text.ts";
import { defineStack } from "../../model/stack.ts";
import type { Resource } from "../../model/resource.ts";
import { dropResources } from "../../resolve/drop-resources.ts";
import { problemsOf } from "../../resolve/testing/problems-of.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { alertsOf } from "./alerts-of.ts";
import { ruleTests } from "./rule-tests.ts";
import { monitoredStack } from "./testing/monitored-stack.ts";
import { textOf } from "./testing/text-of.ts";

const stack = resolveStack(defineStack("demo", monitoredStack()));
const prometheus = stack.resources.find(({ name }) => name === "prometheus");
const file = (name: string): string => {
  const slot = prometheus?.files.find((each) => each.name === name);
  if (!slot) throw new Error(`Prometheus has no file ${name}`);
  return textOf(slot.content);
};
const alerts = alertsOf(stack.resources, { settings: { "shop/ErrorsHigh": 0.01 }, scraper: "prometheus" });
const tests = (): string => textOf(yamlText(ruleTests(alerts, ["rules.yml"])));
const promtool = spawnSync("promtool", ["--version"]).status === 0;

describe("the files of a Prometheus", () => {
  it("are its configuration, with a job for all that serves metrics", async () => {
    await expect(file("prometheus.yml")).toMatchFileSnapshot("golden/prometheus.yml");
  });

  it("are the rules of all that it watches", async () => {
    await expect(file("rules.yml")).toMatchFileSnapshot("golden/rules.yml");
  });

  it("are passwords where a place asks for one", () => {
    const slot = prometheus?.files.find(({ name }) => name === "scrape-postgres-exporter-http");
    expect(slot).toMatchObject({ content: { kind: "secret", name: "exporter-password" }, mode: 0o600 });
  });

  it("make edges to what is watched that nothing waits for", () => {
    const edges = stack.edges.filter(({ from }) => from === "prometheus");
    expect(edges.map(({ to, strength }) => `${strength} ${to}`)).toEqual([
      "observes shop",
      "observes worker",
      "observes postgres-exporter",
    ]);
  });

  it("are written anew, not missed, when something optional that they name is dropped", () => {
    const left = dropResources(stack, [{ name: "postgres-exporter", reason: "this host has none" }]);
    const again = resolveStack(defineStack("demo", monitoredStack()), { without: ["postgres-exporter"] });
    expect(left.resources).toEqual(again.resources);
    expect(left.edges).toEqual(again.edges);
    expect(left.resources.map(({ name }) => name)).toEqual(["shop", "worker", "prometheus"]);
  });

  it("have what the stack sets of an alert: a threshold, a time, or that it is not wanted", () => {
    const settings = { "shop/CpuHigh": { for: "1s" }, MemoryHigh: "off", LatencyHigh: { threshold: 2 } } as const;
    const known = alertsOf(stack.resources, { scraper: "prometheus" });
    const set = alertsOf(stack.resources, { settings, scraper: "prometheus" });
    expect(set.map((alert) => ({ ...alert, example: [] }))).toEqual(
      known.flatMap((alert) => {
        const { of, name } = alert;
        if (name === "MemoryHigh") return [];
        const more =
          name === "LatencyHigh" ? { threshold: 2 } : name === "CpuHigh" && of === "shop" ? { for: "1s" } : {};
        return [{ ...alert, ...more, example: [] }];
      }),
    );
  });

  it("tell when a target is down, and of those that are found by name when none is there", () => {
    const of = (name: string) => alerts.filter((alert) => alert.name === name).map((alert) => alert.of);
    expect(of("TargetDown")).toEqual(["shop", "worker", "postgres"]);
    expect(of("TargetMissing")).toEqual(["shop"]);
  });

  it("tell nothing of the Prometheus itself that it could not tell while it is down", () => {
    expect(alerts.filter(({ of }) => of === "prometheus")).toEqual([]);
  });

  it("take what is set of the alerts of a resource that is off", () => {
    const { resources } = resolveStack(defineStack("demo", monitoredStack()), { without: ["shop"] });
    expect(alertsOf(resources).map(({ of }) => of)).not.toContain("shop");
  });

  it("refuse to set something of an alert that nobody has", () => {
    const wrong = monitoredStack().map((resource): Resource =>
      resource.derives?.kind === "prometheus"
        ? { ...resource, derives: { ...resource.derives, alerts: { ErrorHigh: 0.1 } } }
        : resource,
    );
    expect(problemsOf(wrong)).toEqual([
      "E_METRIC shop/prometheus/alerts/ErrorHigh: sets something of an alert that the stack does not have; did you mean ErrorsHigh?",
    ]);
  });
});

describe.skipIf(!promtool)("promtool", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "caisson-promtool-"));
    // The paths of a container are not this host's.
    for (const name of ["prometheus.yml", "rules.yml"])
      writeFileSync(join(folder, name), file(name).replaceAll("/etc/caisson/", `${folder}/`));
    writeFileSync(join(folder, "scrape-postgres-exporter-http"), "secret");
    writeFileSync(join(folder, "tests.yml"), tests());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]): { status: number | null; text: string } => {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
    return { status, text: stdout + stderr };
  };

  it("takes the configuration and the rules", () => {
    expect(run("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")).toMatchObject({ status: 0 });
  });

  it("sees each alert fire and clear", () => {
    expect(run("test", "rules", "tests.yml")).toMatchObject({ status: 0 });
  });

  it("computes an availability below 100 % over an outage, of what was down alone", () => {
    const series = (job: string, values: string, metric = "up", resource = job) => ({
      series: `${metric}{job="${job}",instance="a",resource="${resource}"}`,
      values,
    });
    const ratio = (resource: string, value: number) => ({
      expr: `round(resource:availability:ratio1h{resource="${resource}"}, 0.01)`,
      eval_time: "2h",
      exp_samples: [{ labels: `{resource="${resource}"}`, value }],
    });
    // Two hours; down for 15 of the last 60 minutes.
    const broken = "1+0x89 0+0x14 1+0x20";
    const whole = "1+0x120";
    const outage = {
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: [
            series("shop", broken),
            series("worker", whole),
            // Its exporter answers all the while, and says that the store does not.
            series("postgres-exporter", whole, "up", "postgres"),
            series("postgres-exporter", broken, "pg_up", "postgres"),
          ],
          promql_expr_test: [ratio("shop", 0.75), ratio("worker", 1), ratio("postgres", 0.75)],
        },
      ],
    };
    writeFileSync(join(folder, "outage.yml"), textOf(yamlText(outage)));
    expect(run("test", "rules", "outage.yml")).toMatchObject({ status: 0 });
  });

  it("sees an alert that cannot fire: the generated tests fail with another threshold", () => {
    writeFileSync(join(folder, "rules.yml"), file("rules.yml").replace("> 0.85", "> 850"));
    const { status, text } = run("test", "rules", "tests.yml");
    expect(status).toBe(1);
    expect(text).toContain("CpuHigh");
  });
});
