import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveStack } from "@caisson/core";
import { expect, test } from "vitest";
import { yamlText } from "../../packages/core/src/components/config-text.ts";
import { alertsOf } from "../../packages/core/src/derive/monitoring/alerts-of.ts";
import { ruleTests } from "../../packages/core/src/derive/monitoring/rule-tests.ts";
import { ruleFile } from "../../packages/core/src/derive/monitoring/rules.ts";
import { textOf } from "../../packages/core/src/derive/monitoring/testing/text-of.ts";
import definition from "./stack.ts";

const promtool = spawnSync("promtool", ["--version"]).status === 0;

test.skipIf(!promtool)("the stack's own alerts fire and clear, says promtool", () => {
  const { resources } = resolveStack(definition, { profiles: ["monitoring"] });
  const names = ["EventsDead", "EventsWait", "TotalsDrift"];
  const alerts = alertsOf(resources).filter(({ name }) => names.includes(name));
  expect(alerts.map(({ name }) => name).toSorted()).toEqual(names);
  const folder = mkdtempSync(join(tmpdir(), "caisson-alerts-"));
  try {
    writeFileSync(join(folder, "rules.yml"), textOf(yamlText(ruleFile(resources, alerts))));
    writeFileSync(join(folder, "tests.yml"), textOf(yamlText(ruleTests(alerts, ["rules.yml"]))));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", "tests.yml"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout + stderr).toContain("SUCCESS");
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
