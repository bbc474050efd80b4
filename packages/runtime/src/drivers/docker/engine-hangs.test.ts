import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import Dockerode from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { tempFolder } from "../../state/testing/temp-folder.ts";
import { withLimits } from "./engine.ts";

test("an engine that takes a call and never answers is told of; a wait for an end, and what streams, go on", async () => {
  const docker = withLimits(new Dockerode({ socketPath: await silentSocket() }), { quickMs: 300, slowMs: 600 });
  const container = docker.getContainer("0a1b");
  const told = expect.objectContaining({
    code: "E_DOCKER",
    message: "the Docker Engine did not answer POST /containers/0a1b/kill within 0.3 s",
  });
  const [endless, stream, kill] = [container.wait(), container.logs({ follow: true }), container.kill()];
  await expect(kill).rejects.toEqual(told);
  await expect(container.infoArchive({ path: "/bin/sh" })).rejects.toThrow(
    "HEAD /containers/0a1b/archive within 0.3 s",
  );
  await expect(container.start()).rejects.toThrow("POST /containers/0a1b/start within 0.6 s");
  await expect(container.remove()).rejects.toThrow("DELETE /containers/0a1b within 0.6 s");
  await expect(container.inspect()).rejects.toMatchObject({ code: "E_DOCKER" });
  await expect(docker.listContainers({ all: true })).rejects.toThrow("GET /containers/json within");
  const first = await Promise.race([endless, stream, Promise.resolve("nothing yet")]);
  expect(first).toBe("nothing yet");
  for (const each of [endless, stream]) each.catch(() => undefined);
});

async function silentSocket(): Promise<string> {
  const path = join(tempFolder(), "sock");
  const ends = new Set<Socket>();
  const server = createServer((end) => ends.add(end.on("error", () => undefined)));
  await new Promise<void>((listening) => server.listen(path, listening));
  onTestFinished(() => {
    server.close();
    for (const end of ends) end.destroy();
  });
  return path;
}
