import { randomUUID } from "node:crypto";
import Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { hangingRegistry, silentRegistry } from "../../runtime/src/images/testing/registries.ts";
import { runCli, startCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { withoutImages } from "./testing/without-images.ts";

const docker = new Docker();
const missing = await withoutImages();

/** A stack of containers of these images, named after their places. */
function folderOf(images: readonly string[]): { readonly cwd: string; readonly containers: () => Promise<unknown[]> } {
  const name = `pull-${randomUUID().slice(0, 8)}`;
  const parts = images.map(
    (image, index) => `container("c${index}", { image: "${image}", probe: { kind: "log-line", pattern: "x" } })`,
  );
  const cwd = stackFolder({
    "stack.ts": `import { container, defineStack } from "@caisson/core";
export default defineStack("${name}", [${parts.join(", ")}]);
`,
  });
  const filters = { label: [`caisson.stack=${name}`] };
  return { cwd, containers: () => docker.listContainers({ all: true, filters }) };
}

const up = ["up", "--target", "docker"];

describe.skipIf(missing !== "")(`images that no registry gives${missing && ` (skipped: ${missing})`}`, () => {
  test("are told of in one error, with what was waited for before", { timeout: 120_000 }, async () => {
    const images = [`${await silentRegistry()}/a:1`, `${await silentRegistry()}/b:1`, "127.0.0.1:1/c:1"];
    const { cwd, containers } = folderOf(images);
    const { code, stderr } = await runCli([...up, "-d"], { cwd });
    expect(code).toBe(1);
    for (const [index, image] of images.entries()) {
      expect(stderr).toMatch(new RegExp(`\\ds  pulling ${image}\n`));
      expect(stderr).toContain(
        `c${index}: image not available: ${image}: its registry, ${image.split("/")[0]}, did not`,
      );
    }
    expect(stderr).toMatch(new RegExp(`pulling ${images[0]}: the registry has not answered yet\n[^]*error.E_IMAGE`));
    expect(stderr).toMatch(/hint: .*docker pull IMAGE.*name server.*caisson images load/);
    expect(stderr.match(/E_IMAGE/g)).toHaveLength(1);
    expect(await containers()).toEqual([]);
    // A look asks no registry, and is not refused for what the real thing would fetch.
    expect(await runCli(["plan", "--target", "docker"], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/c0/),
      stderr: expect.stringContaining(`note: c0: up fetches ${images[0]}, which the engine lacks\n`),
    });
  });

  test("are waited for until Ctrl-C", async () => {
    const image = `${await hangingRegistry()}/a:1`;
    const { cwd, containers } = folderOf([image]);
    const { child, ended, says } = startCli(up, { cwd });
    await says(new RegExp(`pulling ${image}\n`));
    const begun = performance.now();
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await runCli(["ps"], { cwd })).toMatchObject({ stdout: "" });
    expect(await containers()).toEqual([]);
  });
});
