import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderCompose, renderSwarm, type Bundle } from "@caisson/core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { podStack } from "../../packages/core/src/targets/testing/pod-stack.ts";
import { probe } from "../../packages/runtime/src/probes/probe.ts";
import { repo, tempFolder, writeFiles } from "../testing/repo.ts";
import { checks } from "./checks.ts";
import { deliver } from "./deliver.ts";
import { generatedKinds } from "./kinds.ts";
import { stackImage, wholeStacks } from "./stacks.ts";

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const isHere = (program: string): boolean => has("sh", "-c", 'command -v "$1"', "sh", program);
const skipped = (here: boolean, what: string): string => (here ? "" : ` (skipped: ${what} is not installed)`);

test("every kind of generated file has a check, and every check a file", () => {
  expect(Object.keys(checks).toSorted()).toEqual(generatedKinds());
});

test("every check is in a test that is there", () => {
  for (const { test: file } of Object.values(checks))
    if (file !== undefined) expect(existsSync(join(repo, file)), file).toBe(true);
});

describe("the program it is for takes", () => {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "caisson-accepted-"));
    await deliver(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const [kind, { argv }] of Object.entries(checks)) {
    if (!argv) continue;
    const [program, ...args] = argv;
    const here = isHere(program);
    test.skipIf(!here)(`${kind}${skipped(here, program)}`, () => {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: join(folder, kind, ".."), encoding: "utf8" });
      expect([status, stdout + stderr]).toEqual([0, expect.any(String)]);
    });
  }

  const forms = { yaml: (text: string): unknown => parse(text), json: JSON.parse, text: String };
  const elsewhere = Object.entries(checks).flatMap(([kind, { image }]) => (image ? [[kind, image] as const] : []));
  test.each(elsewhere)("%s: its program is no program of a host; as %s it is whole", (kind, form) => {
    expect(forms[form](readFileSync(join(folder, kind), "utf8"))).toBeTruthy();
  });

  const redis = isHere("redis-server");
  test.skipIf(!redis)(
    `redis/redis.conf, and lets nobody in without the password${skipped(redis, "redis-server")}`,
    async () => {
      const cwd = join(folder, "redis");
      const port = Number(/^port (\d+)$/m.exec(readFileSync(join(cwd, "redis.conf"), "utf8"))?.[1]);
      const server = spawn("redis-server", ["redis.conf"], { cwd, stdio: "ignore" });
      onTestFinished(async () => {
        if (server.kill("SIGKILL")) await once(server, "exit");
      });
      const spec = { kind: "redis", host: "127.0.0.1", port } as const;
      await expect
        .poll(() => probe({ ...spec, passwordFile: join(cwd, "password") }), { timeout: 60_000 })
        .toMatchObject({ ok: true });
      expect(await probe(spec)).toMatchObject({ ok: false });
    },
  );
});

describe.each([...wholeStacks, podStack()].map((stack) => ({ name: `${stack.name} in ${stack.environment}`, stack })))(
  "the bundle of $name",
  ({ stack }) => {
    const compose = has("docker", "compose", "version");
    test.skipIf(!compose)(
      `is taken by docker compose, with its .env.example${skipped(compose, "docker compose")}`,
      () => {
        const folder = written(renderCompose(stack, stackImage));
        const check = (...args: string[]) =>
          spawnSync("docker", ["compose", ...args, "config", "--quiet"], { cwd: folder, encoding: "utf8" });
        expect(check("--env-file", ".env.example")).toMatchObject({ status: 0, stderr: "" });
        expect(JSON.parse(readFileSync(join(folder, "secrets.required.json"), "utf8"))).toBeInstanceOf(Array);
      },
    );

    // It asks no engine; its schema is that of `docker stack deploy`.
    const swarm = has("docker", "stack", "config", "--help");
    test.skipIf(!swarm)(`is taken by docker stack${skipped(swarm, "a docker that has `stack config`")}`, () => {
      const folder = written(renderSwarm(stack, stackImage));
      const named = [...readFileSync(join(folder, "deploy.sh"), "utf8").matchAll(/^name (\S+) \S+ (\S+)$/gm)];
      const names = Object.fromEntries(
        named.map(([, variable = "", prefix = ""]) => [variable, `${prefix}-0123456789ab`]),
      );
      for (const name of Object.values(names)) expect(name).toMatch(/^[\w.-]{1,64}$/);
      const check = () =>
        spawnSync("docker", ["stack", "config", "--compose-file", "stack.yaml"], {
          cwd: folder,
          encoding: "utf8",
          env: { ...process.env, ...names },
        });
      expect(check()).toMatchObject({ status: 0, stderr: "" });
      const text = readFileSync(join(folder, "stack.yaml"), "utf8");
      writeFileSync(join(folder, "stack.yaml"), text.replace(/^    image: /m, "    gate: x\n    image: "));
      expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining("gate is not allowed") });
    });

    test("has scripts that a shell reads", () => {
      for (const { artifacts } of [renderCompose(stack, stackImage), renderSwarm(stack, stackImage)])
        for (const { run, text } of artifacts)
          if (run === true)
            expect(spawnSync("sh", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    });
  },
);

test("bundles keep git away from their secrets", () => {
  const [stack] = wholeStacks;
  if (!stack) throw new Error("there is no stack");
  for (const render of [renderCompose, renderSwarm]) {
    const folder = written(render(stack, stackImage));
    const git = (...args: string[]): boolean => has("git", "-C", folder, ...args);
    expect(git("init", "--quiet")).toBe(true);
    for (const path of ["secrets/values/a", ".env"]) expect(git("check-ignore", path)).toBe(true);
    expect(git("check-ignore", "README.md")).toBe(false);
  }
});

function written({ artifacts }: Bundle): string {
  const folder = tempFolder();
  writeFiles(folder, Object.fromEntries(artifacts.map(({ path, text }) => [path, text])));
  return folder;
}
