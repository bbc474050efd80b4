import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { GenerationRecord } from "./records.ts";
import { volumes } from "./volumes.ts";

test("two that want a volume at once get the one that is made", async () => {
  const root = mkdtempSync(join(tmpdir(), "caisson-volumes-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  let prepared = 0;
  const made = volumes({
    root,
    instance: "a".repeat(32),
    owner: undefined,
    secretVersions: () => ({}),
    async prepare(_record, _volume, staging) {
      prepared += 1;
      writeFileSync(join(staging, `by-${prepared}`), "");
      await turn();
    },
  });
  // What `create` reads of a record.
  const record = {
    resource: { name: "db", component: "postgres", volumes: [{ name: "data", dataMajor: 18 }] },
    launch: { user: "self" },
  } as unknown as GenerationRecord;
  await Promise.all([made.create(record, "data"), made.create(record, "data")]);
  expect(prepared).toBe(1);
  expect(existsSync(join(root, "db", "data", "by-1"))).toBe(true);
  await expect(made.create(record, "data")).rejects.toMatchObject({ code: "E_VOLUME" });
});
