import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineStack, nginx, pod, resolveStack } from "@caisson/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { ignoringGone } from "../drivers/docker/is-status.ts";
import { testEngine } from "../drivers/docker/testing/engine.ts";
import { progress } from "../drivers/docker/progress.ts";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { buildImage } from "./build-image.ts";
import { has, namesIn } from "./image-names.ts";
import { pullImages } from "./pull-images.ts";
import { hangingRegistry, silentRegistry, startRegistry } from "./testing/registries.ts";

const { docker, missing: noEngine } = await testEngine();
const missing =
  noEngine || (spawnSync("docker-registry", ["--version"]).status === 0 ? "" : "docker-registry is not installed");

/** Asks for images; what was told, what failed, and how long it took in ms. */
async function pulled(images: readonly string[], limits?: Parameters<typeof pullImages>[3], signal?: AbortSignal) {
  const told: string[] = [];
  const begun = performance.now();
  const fetching = { tell: (text: string) => void told.push(text), signal: signal ?? new AbortController().signal };
  const failed = await pullImages(docker, images, fetching, limits);
  return { told, failed, ms: performance.now() - begun };
}

/** A small image in a registry, and no longer in the engine: its names by tag and by digest. */
async function pushed(registry: string): Promise<readonly [string, string]> {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "file"), randomUUID());
  execFileSync("tar", ["-cf", "image.tar", "file"], { cwd });
  const repo = `${registry}/small`;
  await progress(docker, await docker.importImage(createReadStream(join(cwd, "image.tar")), { repo, tag: "1" }));
  const image = docker.getImage(`${repo}:1`);
  await progress(docker, await image.push({ authconfig: {} }));
  const [digest = ""] = (await image.inspect()).RepoDigests;
  await image.remove();
  return [`${repo}:1`, digest.replace("@", ":1@")];
}

describe.skipIf(missing !== "")(`images that are asked for${missing && ` (skipped: ${missing})`}`, () => {
  test("come by their tag and by their digest, and are found under that name afterwards", async () => {
    for (const image of await pushed(await startRegistry())) {
      expect(await pulled([image])).toMatchObject({
        told: [`pulling ${image}`, `pulled ${image}`],
        failed: new Map(),
      });
      const names = await namesIn(docker);
      expect(has(names, image)).toBe(true);
      const [repo = ""] = image.split(":1");
      for (const name of names) if (name.startsWith(repo)) await ignoringGone(() => docker.getImage(name).remove());
    }
  });

  test("come beside those whose registry says nothing, is away or has none, which are told together", async () => {
    const registry = await startRegistry();
    const [image] = await pushed(registry);
    onTestFinished(() => docker.getImage(image).remove());
    const hanging = await hangingRegistry();
    const others = [`${hanging}/a:1`, `${hanging}/b:1`, `${registry}/none:1`, "127.0.0.1:1/away:1"];
    const { failed, told, ms } = await pulled([...others, image], { silenceMs: 2000, tellEveryMs: 800 });
    const nothing = `its registry, ${hanging}, gave nothing for 2 s`;
    expect(Object.fromEntries(failed)).toEqual({
      [`${hanging}/a:1`]: `${hanging}/a:1: ${nothing}`,
      [`${hanging}/b:1`]: `${hanging}/b:1: ${nothing}`,
      [`${registry}/none:1`]: expect.stringContaining(`its registry, ${registry}, did not give it: manifest`),
      "127.0.0.1:1/away:1": expect.stringMatching(/127\.0\.0\.1:1, did not give it: Get .*connection refused/),
    });
    expect(told).toContain(`pulled ${image}`);
    expect(told).toContain(`pulling ${hanging}/a:1: the registry has not answered yet`);
    // One after the other it would be twice the silence.
    expect(ms).toBeLessThan(3900);
  });

  test("are no longer waited for when nobody does", { timeout: 10_000 }, async () => {
    const hanging = await hangingRegistry();
    await expect(pulled([`${hanging}/a:1`, `${hanging}/b:1`], undefined, AbortSignal.timeout(500))).rejects.toThrow(
      "aborted",
    );
  });

  test("for a build are told of too", { timeout: 120_000 }, async () => {
    const image = `${await silentRegistry()}/front:1`;
    const resolved = resolveStack(defineStack("shop", [pod("core", [nginx("front", { routes: {} })])]));
    const resources = resolved.resources.map((each) =>
      each.container
        ? { ...each, container: { ...each.container, image: { kind: "reference", reference: image } as const } }
        : each,
    );
    const fetching = { tell: () => undefined, signal: new AbortController().signal };
    await expect(buildImage({ ...resolved, resources }, tempFolder(), {}, fetching)).rejects.toMatchObject({
      code: "E_IMAGE",
      message: expect.stringContaining(`${image}: its registry`),
    });
  });
});
