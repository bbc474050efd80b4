import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

describe("what the agent loads", () => {
  it("has no schema library, no database client and no YAML in it: they would double an idle agent", () => {
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); console.log(found.url); return found; } });
      await import(${JSON.stringify(new URL("start-agent.ts", import.meta.url).href)});
    `;
    const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      cwd: new URL(".", import.meta.url),
    });
    const packages = [...loaded.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map((match) => match[1]);
    expect([...new Set(packages)].filter((name) => !name?.startsWith("@caisson/"))).toEqual([]);
  });
});
