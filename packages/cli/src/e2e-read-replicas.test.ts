import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { withoutEngine, withoutImage } from "../../../stacks/testing/docker-stack.ts";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { until } from "./testing/until.ts";

const docker = new Docker();
const missing = (await withoutEngine()) || (await withoutImage("postgres"));
const name = `replicas-${process.pid}`;

const stackOf = (maxConnections: number): string => `
import { defineStack, postgres } from "@caisson/core";
const db = postgres("db", { tls: true, readReplicas: 1, maxConnections: ${maxConnections} });
export default defineStack("${name}", [db, db.readReplicas]);
`;
const stack = stackOf(90);

test("replicas are refused where no program of a host can make their copy", { timeout: 60_000 }, async () => {
  const cwd = stackFolder({ "stack.ts": stack });
  expect(await runCli(["plan"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/db-replica-1[^]*a target that runs containers for postgres-replica/),
  });
});

describe.skipIf(missing !== "")(`on a Docker Engine${missing && ` (skipped: ${missing})`}`, () => {
  test("a replica has what its primary has, takes no change, and comes back", { timeout: 300_000 }, async () => {
    const own = { label: [`caisson.stack=${name}`] };
    onTestFinished(async () => {
      for (const { Id } of await docker.listContainers({ all: true, filters: own }))
        await docker.getContainer(Id).remove({ force: true });
      for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
        await docker.getImage(Id).remove({ force: true });
    });
    const cwd = stackFolder({ "stack.ts": stack });
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect([args, code, code === 0 ? "" : stderr]).toEqual([args, 0, ""]);
      return stdout;
    };
    const idOf = async (resource: string): Promise<string> => {
      const filters = { label: [...own.label, `caisson.resource=${resource}`] };
      const [found] = await docker.listContainers({ filters });
      if (!found) throw new Error(`${resource} does not run`);
      return found.Id;
    };
    const ports = new Map<string, number>();
    let password = "";
    const ask = async (resource: string, sql: string): Promise<unknown[]> => {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: ports.get(resource) ?? 0,
        user: "db",
        database: "db",
        password,
        ssl: { rejectUnauthorized: false },
      });
      client.on("error", () => undefined);
      try {
        await client.connect();
        return (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows.flat();
      } finally {
        await client.end();
      }
    };
    const seen = (rows: number): Promise<void> =>
      until(`${rows} rows on the replica`, async () => {
        const got = await ask("db-replica-1", "SELECT count(*)::int FROM seen").catch((error: unknown) => [error]);
        return got[0] === rows;
      });
    const write = (): Promise<unknown> =>
      until("a row is taken", () =>
        ask("db", "INSERT INTO seen VALUES (1)").then(
          () => true,
          () => false,
        ),
      );

    await run("build");
    await run("up", "--wait", "--target", "docker");
    password = (await run("secret", "get", "db-db", "--yes")).trim();
    const { resources } = JSON.parse(await run("ps", "--format", "json")) as {
      resources: { name: string; addresses: Record<string, string> }[];
    };
    for (const each of resources) ports.set(each.name, Number(each.addresses["postgres"]?.split(":").at(-1)));
    await ask("db", "CREATE TABLE seen (a int)");
    await write();
    await seen(1);
    expect(await ask("db-replica-1", "SELECT pg_is_in_recovery()")).toEqual([true]);
    await expect(ask("db-replica-1", "INSERT INTO seen VALUES (2)")).rejects.toThrow("read-only transaction");

    const { Config } = await docker.getContainer(await idOf("db-replica-1")).inspect();
    const secret = (await run("secret", "get", "db-replica-1-replication", "--yes")).trim();
    expect(secret.length).toBeGreaterThan(20);
    expect(JSON.stringify([Config.Env, Config.Cmd, Config.Entrypoint])).not.toContain(secret);
    expect(await run("logs", "db-replica-1", "db")).not.toContain(secret);

    for (const [killed, rows] of [
      ["db-replica-1", 2],
      ["db", 3],
    ] as const) {
      await docker.getContainer(await idOf(killed)).kill({ signal: "SIGKILL" });
      await write();
      await seen(rows);
    }
    await run("restart", "db");
    await write();
    await seen(4);

    // Less than what the replica has still to read of, and more.
    for (const [index, most] of [70, 110].entries()) {
      writeFileSync(join(cwd, "stack.ts"), stackOf(most));
      await run("up", "--wait");
      expect(await ask("db", "SHOW max_connections")).toEqual([String(most)]);
      await write();
      await seen(5 + index);
    }

    await run("down", "-v", "--yes");
    expect(await docker.listContainers({ all: true, filters: own })).toEqual([]);
    const project = { label: [`com.docker.compose.project=${name}-dev`] };
    expect((await docker.listVolumes({ filters: project })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters: project })).toEqual([]);
  });
});
