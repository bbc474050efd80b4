import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectAgent, type EnvironmentDocument, type Project, type ResourceView } from "@caisson/runtime";
import { openSecrets } from "@caisson/runtime/offline";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { runCli } from "../packages/cli/src/testing/run-cli.ts";
import { findPostgres } from "../packages/runtime/src/supervisor/testing/real-postgres.ts";
import { until } from "../packages/runtime/src/supervisor/testing/scratch.ts";
import { makeTempFolder, repo } from "./testing/repo.ts";

/*
 * The gates of `up` are a courtesy. After a reboot, or in rendered files, anything starts in any order: every program
 * boots with all it needs absent, is alive and not ready, and becomes ready when the rest is there. Here each is started
 * by hand, the last one first, in the environment that the agent would give it, on a database that is not provisioned.
 */

const stacks = [
  { name: "two-services", file: "examples/two-services/stack.ts", ports: [] },
  { name: "usage-tracking", file: "stacks/usage-tracking/stack.ts", ports: ["--set", "postgresPort=15432"] },
];

describe("a stack started in reverse order by hand", () => {
  it.each(stacks)("becomes ready: $name", { timeout: 180_000 }, async ({ name, file, ports }) => {
    if (findPostgres() === undefined) throw new Error("the PostgreSQL that npm ships is not installed");
    const { folder: root, remove } = makeTempFolder();
    copyProject(root, file);
    const project = { root, stack: name, environment: "dev" };
    const programs: Program[] = [];
    try {
      const up = await runCli(["up", "-f", file, "-d", "--wait", ...ports], { cwd: root });
      expect(up.code, up.stderr).toBe(0);
      const { views, environments } = await wiring(project);
      expect((await runCli(["down", "-f", file], { cwd: root })).code).toBe(0);
      const environmentOf = (resource: ResourceView): EnvironmentDocument => {
        const found = environments.get(resource.name);
        if (!found) throw new Error(`${resource.name} has no environment`);
        return found;
      };
      const store = views.find(({ component }) => component === "postgres");
      if (!store) throw new Error("the stack has no PostgreSQL");
      await unprovision(environmentOf(store), project, store);

      const services = views.filter(({ kind }) => kind === "service");
      for (const view of inReverse(views)) {
        programs.push(startByHand(environmentOf(view), view.kind === "job"));
        if (view.kind !== "service") continue;
        // Alone, without a database: alive, and honest about it.
        await untilAnswers(environmentOf(view), "live", 200);
        await untilAnswers(environmentOf(view), "ready", 503);
      }
      for (const view of services) await untilAnswers(environmentOf(view), "ready", 200);
      // A store needs nobody: it ends only where its port, free while the stack was down, is another test's for a moment.
      const ended = programs.filter(({ restarts }) => restarts() > 0).map(({ name: which }) => which);
      expect(services.filter((service) => ended.includes(service.name))).toEqual([]);
    } finally {
      for (const program of programs) await program.stop();
      await runCli(["down", "-f", file, "-v", "--yes"], { cwd: root });
      remove();
    }
  });
});

/** A folder of its own with the stack in it; packages are this repository's. */
function copyProject(root: string, file: string): void {
  mkdirSync(join(root, dirname(file)), { recursive: true });
  cpSync(join(repo, dirname(file)), join(root, dirname(file)), { recursive: true });
  symlinkSync(join(repo, "node_modules"), join(root, "node_modules"));
  for (const each of ["package.json", "package-lock.json"]) cpSync(join(repo, each), join(root, each));
}

async function wiring(
  project: Project,
): Promise<{ views: readonly ResourceView[]; environments: Map<string, EnvironmentDocument> }> {
  const agent = await connectAgent(project);
  if (!agent) throw new Error("the stack is not up");
  const { resources } = await agent.resources();
  const views = resources.filter(({ kind }) => ["component", "job", "service"].includes(kind));
  const found = await Promise.all(views.map(async ({ name }) => [name, await agent.environment(name)] as const));
  return { views, environments: new Map(found) };
}

/** What needs most first. */
function inReverse(views: readonly ResourceView[]): ResourceView[] {
  const byName = new Map(views.map((view) => [view.name, view]));
  const depth = (name: string): number =>
    1 + Math.max(0, ...(byName.get(name)?.needs ?? []).filter((need) => byName.has(need)).map(depth));
  return views.toSorted((a, b) => depth(b.name) - depth(a.name));
}

interface Program {
  readonly name: string;
  readonly restarts: () => number;
  readonly stop: () => Promise<void>;
}

/** As an init system would: a job that fails is tried again, and nothing else is looked at. */
function startByHand({ resource, argv, cwd, env, uid, gid }: EnvironmentDocument, isJob: boolean): Program {
  const [command = "", ...args] = argv;
  let stopping = false;
  let restarts = 0;
  let child: ChildProcess;
  const start = (): void => {
    child = spawn(command, args, {
      cwd,
      env,
      stdio: "ignore",
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    child.on("exit", (code) => {
      if (stopping || (isJob && code === 0)) return;
      if (!isJob) restarts += 1;
      setTimeout(start, 200);
    });
  };
  start();
  return {
    name: resource,
    restarts: () => restarts,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      // PostgreSQL waits for its sessions on SIGTERM, and for none on SIGINT.
      child.kill(argv[0]?.endsWith("/postgres") === true ? "SIGINT" : "SIGTERM");
      await once(child, "exit");
    },
  };
}

async function untilAnswers(
  { env, resource }: EnvironmentDocument,
  probe: "live" | "ready",
  status: number,
): Promise<void> {
  const url = `http://${env["MANAGEMENT_HOST"] ?? ""}:${env["MANAGEMENT_PORT"] ?? ""}/health/${probe}`;
  const asked = async (): Promise<boolean> => (await fetch(url).catch(() => undefined))?.status === status;
  await until(`${resource}: ${url} to answer ${status}`, asked, 60_000);
}

/** Leaves a server with nothing of ours in it: no database, no role. */
async function unprovision(
  store: EnvironmentDocument,
  project: Project,
  { name, addresses }: ResourceView,
): Promise<void> {
  const server = startByHand(store, false);
  const password = openSecrets(project).get(`${name}-superuser`)?.value ?? "";
  const port = Number(addresses["postgres"]?.split(":").at(-1));
  try {
    const client = await until("PostgreSQL to take a session", async () => {
      const candidate = new Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres", password });
      candidate.on("error", () => {});
      return candidate.connect().then(
        () => candidate,
        () => undefined,
      );
    });
    const { rows: databases } = await client.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'",
    );
    for (const each of databases) await client.query(`DROP DATABASE "${each.name}"`);
    const { rows: roles } = await client.query<{ name: string }>(
      "SELECT rolname AS name FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres'",
    );
    for (const each of roles) await client.query(`DROP ROLE "${each.name}"`);
    await client.end();
    expect([databases.length, roles.length]).toEqual([1, 1]);
  } finally {
    await server.stop();
  }
}
