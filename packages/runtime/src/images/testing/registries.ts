import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { tempFolder } from "../../state/testing/temp-folder.ts";

/** Debian's registry on loopback, where engines want no TLS; its address. */
export async function startRegistry(): Promise<string> {
  const cwd = tempFolder();
  writeFileSync(
    join(cwd, "registry.yml"),
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${JSON.stringify(tempFolder())} } }\nhttp: { addr: "127.0.0.1:0" }\n`,
  );
  const registry = spawn("docker-registry", ["serve", "registry.yml"], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void registry.kill());
  return new Promise((resolve, reject) => {
    let said = "";
    registry.stderr.on("data", (part: Buffer) => {
      said += part.toString();
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    registry.once("exit", () => reject(new Error(`docker-registry ended: ${said}`)));
  });
}

/** One that takes connections and never says a word: an engine gives it up by itself. */
export function silentRegistry(): Promise<string> {
  return listening(createTcpServer());
}

/** One that says it is a registry, and of an image nothing: an engine waits for that without end. */
export function hangingRegistry(): Promise<string> {
  const answer: RequestListener = ({ url }, response) => void (url === "/v2/" && response.end("{}"));
  return listening(createServer(answer));
}

async function listening(server: Server): Promise<string> {
  const ends = new Set<Socket>();
  server.on("connection", (end: Socket) => ends.add(end.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const end of ends) end.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
