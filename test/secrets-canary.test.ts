import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { instanceLayout } from "../packages/runtime/src/state/layout.ts";
import { agentFor } from "@caisson/runtime";
import { openSecrets } from "@caisson/runtime/offline";
import { secretForms } from "../packages/runtime/src/secrets/secret-forms.ts";
import { makeTempFolder, repo, run, writeFiles, type Outcome } from "./testing/repo.ts";

/*
 * Every verb and every way to fail is run on a stack full of secrets; then everything that came out is searched for each
 * of them in each of its forms: outputs, logs, files that are not the secret's own, arguments and environments.
 */

const provided = "pr0vided/secret value+with:odd@signs";
const launcher = join(repo, "packages/cli/bin/caisson.cjs");
const { folder, remove } = makeTempFolder();
const project = { root: folder, stack: "canary", environment: "dev" };
const said: { readonly argv: string; readonly outcome: Outcome }[] = [];

const contract = `
import { defineProgram, PostgresUrl, SecretText, Type } from "@caisson/core";
export const web = defineProgram(import.meta, "web", {
  main: "./main.ts",
  config: Type.Object({ databaseUrl: PostgresUrl, apiToken: SecretText(8), sessionKey: SecretText(32) }),
  http: { port: 28391 },
});
export const tool = defineProgram(import.meta, "tool", {
  main: "./tool.ts", management: false,
  config: Type.Object({ databaseUrl: PostgresUrl, apiToken: SecretText(8) }),
});
export const broken = defineProgram(import.meta, "broken", {
  main: "./broken.ts",
  config: Type.Object({ databaseUrl: PostgresUrl, apiToken: SecretText(8) }),
});
`;
const stack = `
import { command, defineStack, postgres, profile, secret, service } from "@caisson/core";
import { broken, tool, web } from "./contract.ts";
const db = postgres("postgres", { database: "canary", port: 28392 });
const apiToken = secret("api-token", { provided: true });
export default defineStack("canary", [
  db,
  service(web, { config: { databaseUrl: db.url, apiToken, sessionKey: secret("session-key") }, public: true }),
  command(tool, { config: { databaseUrl: db.url, apiToken } }),
  profile("broken", [service(broken, { config: { databaseUrl: db.url, apiToken }, restart: { delayMs: 10, crashLoopAfter: 2 } })]),
]);
`;
const main = `
import { runService } from "@caisson/kit";
import { web } from "./contract.ts";
await runService(web, async ({ config, log, postgres, app }) => {
  const db = postgres(config.databaseUrl, { size: 1 });
  log.info({ config }, "started with " + config.apiToken);
  app.get("/", { guard: "public" }, async () => ({ rows: (await db.query("SELECT 1 AS one")).rows }));
  app.get("/fail", { guard: "public" }, async () => { throw new Error("cannot reach " + config.databaseUrl); });
});
`;
const tools = `
import { runJob } from "@caisson/kit";
import { tool } from "./contract.ts";
await runJob(tool, async ({ config, log }) => { log.info(config, "ran"); throw new Error("failed with " + config.databaseUrl); });
`;
const brokenMain = `
import { runService } from "@caisson/kit";
import { broken } from "./contract.ts";
await runService(broken, async ({ config }) => { throw new Error("refused by " + config.databaseUrl + " for " + config.apiToken); });
`;

async function caisson(argv: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<Outcome> {
  const outcome = await run(process.execPath, [launcher, ...argv], {
    cwd: folder,
    timeout: 120_000,
    env: { ...process.env, ...options.env },
  });
  said.push({ argv: argv.join(" "), outcome });
  return outcome;
}

beforeAll(() => {
  writeFiles(folder, {
    "package.json": '{ "type": "module" }',
    "contract.ts": contract,
    "stack.ts": stack,
    "main.ts": main,
    "tool.ts": tools,
    "broken.ts": brokenMain,
    "token.txt": `${provided}\n`,
  });
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await caisson(["down", "-v", "--yes"]);
  remove();
});

it("no secret is anywhere but in its own files", { timeout: 300_000 }, async () => {
  expect((await caisson(["up", "-d", "--wait"])).code).not.toBe(0); // the provided secret is missing
  expect((await caisson(["secret", "set", "api-token", "--from-file", "token.txt"])).code).toBe(0);
  expect(await caisson(["up", "-d", "--wait"])).toMatchObject({ code: 0 });
  const failure = await (await fetch("http://127.0.0.1:28391/fail")).text();
  said.push({ argv: "(GET /fail)", outcome: { code: null, stdout: failure, stderr: "" } });

  const looking: readonly (readonly string[])[] = [
    ["plan"],
    ["plan", "--format", "json"],
    ["up", "--dry-run"],
    ["ps"],
    ["ps", "--format", "json"],
    ["health"],
    ["health", "--format", "json"],
    ["logs", "-n", "500"],
    ["logs", "--format", "json"],
    ["why", "web"],
    ["why", "postgres", "--format", "json"],
    ["env", "web"],
    ["env", "web", "--format", "json"],
    ["graph"],
    ["graph", "--format", "mermaid"],
    ["graph", "--format", "svg"],
    ["config"],
    ["config", "--env-example"],
    ["secret", "list"],
    ["secret", "list", "--format", "json"],
    ["wait"],
    ["doctor"],
    ["doctor", "--format", "json"],
    ["version"],
    ["completion", "bash"],
    ["exec", "web", "--", "env"],
    ["run", "--as", "web", "--", "env"],
    ["run", "--", "env"],
    ["run", "tool"],
    ["sql", "postgres", "-c", "select current_user"],
    ["sql", "postgres", "-c", "selec"],
  ];
  const changing: readonly (readonly string[])[] = [
    ["restart", "web"],
    ["scale", "web=2"],
    ["scale", "web=1"],
    ["stop", "web"],
    ["start", "web"],
    ["wait"],
    ["up", "-d", "--wait", "--profile", "broken"],
    ["why", "broken"],
    ["logs", "broken"],
    ["ps"],
    ["secret", "reset", "postgres-superuser", "--yes"],
    ["secret", "reset", "session-key", "--yes"],
    ["up", "-d", "--wait"],
    ["ups"],
    ["why", "nobody"],
    ["exec", "nobody", "--", "env"],
    ["scale", "postgres=3"],
    ["secret", "get", "nothing", "--yes"],
  ];
  for (let from = 0; from < looking.length; from += 4)
    await Promise.all(looking.slice(from, from + 4).map((argv) => caisson(argv)));
  for (const argv of changing) await caisson(argv);

  const values = openSecrets(project)
    .list()
    .flatMap(({ name }) => openSecrets(project).get(name) ?? [])
    .map(({ name, value }) => ({ name, value }));
  expect(values.map(({ name }) => name).sort()).toEqual([
    "api-token",
    "postgres-canary",
    "postgres-superuser",
    "session-key",
  ]);
  const forms = values.flatMap(({ name, value }) =>
    [...secretForms(value)].filter((form) => form.length >= 12).map((form) => ({ name, form })),
  );
  const search = (where: string, text: string): string[] =>
    forms.filter(({ form }) => text.includes(form)).map(({ name }) => `${name} in ${where}`);

  const hits = [
    ...said.flatMap(({ argv, outcome }) =>
      search(`the output of caisson ${argv}`, `${outcome.stdout}\n${outcome.stderr}`),
    ),
    ...processes().flatMap(({ pid, cmdline, environ }) =>
      search(`the arguments of ${pid} ${cmdline.slice(0, 80)}`, cmdline).concat(
        search(`the environment of ${pid}`, environ),
      ),
    ),
    ...files().flatMap((path) => search(path, readFileSync(path, "latin1"))),
  ];
  expect([...new Set(hits)]).toEqual([]);
  // The search itself works: it finds every one of them where it belongs.
  const own = filesBelow(agentFor(project).secretsFolder, []).flatMap((path) =>
    search("its own", readFileSync(path, "latin1")),
  );
  expect(new Set(own)).toEqual(new Set(values.map(({ name }) => `${name} in its own`)));
  expect(said.filter(({ outcome }) => outcome.code === 0).length).toBeGreaterThan(30);
});

/** Every process that bears a mark of this stack's, or is its agent. */
function processes(): { pid: string; cmdline: string; environ: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const cmdline = readFileSync(`/proc/${pid}/cmdline`, "latin1");
        const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
        return environ.includes("CAISSON_RUN=") || cmdline.includes(folder) ? [{ pid, cmdline, environ }] : [];
      } catch {
        return []; // ended meanwhile, or another user's
      }
    });
}

/** Every file of the project and of its instance, but the secrets' own: the store, and what is delivered to who uses it. */
function files(): string[] {
  const layout = agentFor(project);
  const { instance } = JSON.parse(readFileSync(join(layout.stateFolder, "instance.json"), "utf8")) as {
    instance: string;
  };
  const places = instanceLayout(layout, instance);
  const own = [
    layout.secretsFolder,
    places.files,
    join(folder, "token.txt"),
    join(folder, "node_modules"),
    places.binaries,
  ];
  return [folder, places.folder].flatMap((root) => filesBelow(root, own));
}

function filesBelow(root: string, except: readonly string[]): string[] {
  if (!existsSync(root) || except.includes(root)) return [];
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name);
    if (except.includes(path)) return [];
    return entry.isDirectory() ? filesBelow(path, except) : entry.isFile() ? [path] : [];
  });
}
