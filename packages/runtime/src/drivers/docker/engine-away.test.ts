import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Dockerode from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { dockerDriver } from "./docker-driver.ts";
import { testContainer, testEngine } from "./testing/engine.ts";

const engine = await testEngine();

test.skipIf(engine.missing !== "")(
  `a container's end is heard of though its engine went away meanwhile${engine.missing && ` (skipped: ${engine.missing})`}`,
  async () => {
    const way = await wayTo((process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace("unix://", ""));
    const driver = dockerDriver(new Dockerode({ socketPath: way.path }));
    onTestFinished(() => driver.close());
    const marker = `away-${process.pid}/web/1`;
    const logFile = join(tmpdir(), `caisson-away-${process.pid}.log`);
    onTestFinished(() => rmSync(logFile, { force: true }));
    const record = await driver.spawn(
      { resource: "web", replica: 0, generation: 1 },
      {
        argv: ["sh", "-c", "sleep 600"],
        env: {},
        cwd: "",
        runFolder: tmpdir(),
        logFile,
        marker,
        limits: {},
        container: testContainer(`away-${process.pid}`),
      },
    );
    const container = engine.docker.getContainer((record.data as { readonly id: string }).id);
    onTestFinished(() => container.remove({ force: true }));
    const ended = driver.ended(record);
    await way.close();
    await container.kill({ signal: "SIGKILL" });
    await way.open();
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
  },
);

/** A socket that leads to an engine's, and can be cut. */
async function wayTo(socket: string) {
  const path = join(tmpdir(), `caisson-away-${process.pid}.sock`);
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(socket);
    for (const end of [near, far]) {
      ends.add(end);
      end.on("error", () => {}).on("close", () => ends.delete(end));
    }
    near.pipe(far).pipe(near);
  });
  const open = (): Promise<void> => new Promise((resolve) => server.listen(path, resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const end of ends) end.destroy();
    });
  await open();
  onTestFinished(close);
  return { path, open, close };
}
