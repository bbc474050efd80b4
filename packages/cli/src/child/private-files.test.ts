import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { withPrivateFiles } from "./private-files.ts";

test("files are ours alone, and go with their folder", async () => {
  const path = await withPrivateFiles(async (keep) => {
    const kept = await keep("password", "secret");
    expect([statSync(kept).mode & 0o777, statSync(dirname(kept)).mode & 0o777]).toEqual([0o600, 0o700]);
    return kept;
  });
  expect(existsSync(dirname(path))).toBe(false);
});

test("they go, too, where the process ends in the middle", () => {
  const script = `
    import { withPrivateFiles } from ${JSON.stringify(new URL("./private-files.ts", import.meta.url).href)};
    await withPrivateFiles(async (keep) => {
      console.log(await keep("password", "secret"));
      process.exit(0);
    });`;
  const path = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).trim();
  expect(path).toMatch(/password$/);
  expect(existsSync(dirname(path))).toBe(false);
});
