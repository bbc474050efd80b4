import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll } from "../scripts/release/pack-all.ts";
import { makeTempFolder, repo, run, tempFolder, writeFiles, type Outcome } from "./testing/repo.ts";

const stack = {
  "package.json": `{ "name": "tiny", "private": true, "type": "module" }`,
  "stack.ts": `import { defineStack, postgres, service, Type } from "@caisson/core";
import { hello } from "./hello/contract.ts";

const db = postgres("db");

export default defineStack(
  "tiny",
  { params: Type.Object({ greeting: Type.String({ default: "Hello" }) }), environments: { dev: {} } },
  ({ greeting }) => [db, service(hello, { config: { databaseUrl: db.url, greeting }, public: true })],
);
`,
  "hello/contract.ts": `import { defineProgram, PostgresUrl, Type } from "@caisson/core";

export const hello = defineProgram(import.meta, "hello", {
  config: Type.Object({ databaseUrl: PostgresUrl, greeting: Type.String() }),
  http: { port: 18_080 },
});
`,
  "hello/main.ts": `import { runService } from "@caisson/kit";
import { hello } from "./contract.ts";

await runService(hello, async ({ config, postgres, app }) => {
  const db = postgres(config.databaseUrl, { size: 1 });
  app.get("/", { guard: "public" }, async () => {
    const { rows } = await db.query<{ name: string }>("SELECT current_user AS name");
    return { text: \`\${config.greeting}, \${rows[0]?.name}\` };
  });
});
`,
};

describe("the packed packages, in a folder of their own", () => {
  let tarballs: string[];
  let project: { readonly folder: string; readonly remove: () => void };
  const caisson = (...argv: string[]): Promise<Outcome> =>
    run(join(project.folder, "node_modules/.bin/caisson"), argv, { cwd: project.folder });

  beforeAll(async () => {
    project = makeTempFolder();
    writeFiles(project.folder, stack);
    tarballs = await packAll(repo, join(project.folder, "tarballs"));
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
    const installed = await run("npm", ["install", ...flags, ...tarballs], { cwd: project.folder });
    if (installed.code !== 0) throw new Error(`npm install failed:\n${installed.stdout}${installed.stderr}`);
  }, 300_000);

  afterAll(async () => {
    await caisson("down", "-v", "--yes");
    removeInstances(project.folder);
    project.remove();
  });

  test("hold compiled code and its declarations, the licence, and nothing else", async () => {
    for (const tarball of tarballs) {
      const { stdout } = await run("tar", ["-tzf", tarball]);
      const odd = stdout
        .trim()
        .split("\n")
        .map((path) => path.replace("package/", ""))
        .filter(
          (path) =>
            !/^(?:dist\/.*(?:\.c?js|\.d\.ts|\.json)|bin\/[\w-]+\.cjs|images\/(?:build\.sh|[\w-]+\/(?:Dockerfile|entrypoint\.sh|haproxy\.cfg))|package\.json|LICENSE|README\.md)$/.test(
              path,
            ),
        );
      expect(odd).toEqual([]);
      expect(stdout).not.toMatch(/\.test\.|\/testing\/|\/fixtures\//);
    }
  });

  test("bring what images are built from where no registry answers", async () => {
    expect(await caisson("images", "build", "nothing")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/busybox, .*valkey.*got nothing/) as string,
    });
    const entrypoint = join(project.folder, "node_modules/@caisson/cli/images/pgvector/entrypoint.sh");
    expect(statSync(entrypoint).mode & 0o111).not.toBe(0);
  });

  test("bring a command that tells its version", async () => {
    expect(await caisson("version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^caisson \d+\.\d+\.\d+/) as string,
    });
  });

  test("bring types that a strict project compiles with", async () => {
    const options = ["--strict", "--noEmit", "--target", "esnext", "--module", "nodenext", "--skipLibCheck"];
    const types = ["--allowImportingTsExtensions", "--types", "node", "--typeRoots", join(repo, "node_modules/@types")];
    const tsc = join(repo, "node_modules/typescript/bin/tsc");
    const right = await run(process.execPath, [tsc, ...options, ...types, "hello/main.ts", "stack.ts"], {
      cwd: project.folder,
    });
    expect(right).toMatchObject({ code: 0, stdout: "" });
    writeFiles(project.folder, {
      "wrong.ts": stack["stack.ts"].replace("databaseUrl: db.url", "databaseUrl: db.host"),
    });
    const wrong = await run(process.execPath, [tsc, ...options, ...types, "wrong.ts"], { cwd: project.folder });
    expect(wrong.code).not.toBe(0);
    expect(wrong.stdout).toContain(`not assignable to type 'Value<"postgres-url", "present">'`);
    rmSync(join(project.folder, "wrong.ts"));
  });

  test("bring the supervisor of a pod as one file, which runs alone", async () => {
    const cwd = tempFolder();
    const file = join(cwd, "main.cjs");
    cpSync(join(project.folder, "node_modules/@caisson/runtime/dist/pod/main.cjs"), file);
    const restart = { policy: "no", delayMs: 1, maxDelayMs: 1, resetAfterMs: 1, crashLoopAfter: 1 };
    const stop = { signal: "SIGTERM", graceMs: 1000 };
    const argv = [process.execPath, "-e", "console.log('ran')"];
    const member = { name: "member", argv, env: {}, cwd, timing: {}, restart, stop, needs: [] };
    writeFiles(cwd, { "pod.json": JSON.stringify({ members: [member] }) });
    const env = { MANAGEMENT_HOST: "127.0.0.1", MANAGEMENT_PORT: "0" };
    const ended = await run(process.execPath, [file, "pod.json"], { cwd, env });
    expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining("member | ran\n") as string, stderr: "" });
    expect(ended.stdout).toContain("member is given up");
  });

  test("load, check and plan a stack", async () => {
    const config = await caisson("config", "--set", "greeting=Hi");
    expect(config).toMatchObject({ code: 0, stdout: expect.stringContaining("greeting") as string });
    const plan = await caisson("plan");
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/await hello healthy/);
    expect(plan.stdout).not.toContain(project.folder);
    const unknown = await caisson("config", "--set", "greting=Hi");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/error\[E_PARAM\].*did you mean greeting\?/s);
  });

  test("bring a stack up, serve, and take it down", async () => {
    const up = await caisson("up", "-d", "--wait", "--set", "greeting=Moin");
    expect(up.code, up.stderr).toBe(0);
    const { stdout } = await caisson("ps", "--format", "json");
    const { resources } = JSON.parse(stdout) as { resources: readonly { name: string; urls?: readonly string[] }[] };
    const url = resources.find(({ name }) => name === "hello")?.urls?.[0];
    if (url === undefined) throw new Error(`expected an address of hello in ${stdout}`);
    const answer = await fetch(url, { headers: { connection: "close" } });
    expect(await answer.json()).toEqual({ text: "Moin, db" });
    const down = await caisson("down", "-v", "--yes");
    expect(down.code, down.stderr).toBe(0);
    expect((await caisson("ps")).stdout).not.toMatch(/\bRunning\b/);
  });
});

/** As root an instance's programs and logs are kept outside the project; `down -v` removes its data. */
function removeInstances(folder: string): void {
  const state = join(folder, ".caisson");
  if (!existsSync(state)) return;
  for (const name of readdirSync(state, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith("instance.json")) continue;
    const { instance } = JSON.parse(readFileSync(join(state, name), "utf8")) as { readonly instance?: string };
    if (instance === undefined || !/^[0-9a-f]{32}$/.test(instance)) throw new Error(`expected an instance in ${name}`);
    rmSync(join("/var/lib/caisson", instance), { recursive: true, force: true });
  }
}
