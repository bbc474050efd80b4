import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareFolders } from "../state/prepare-folders.ts";
import { requestJson, requestLines } from "./http.ts";
import { connectAgent } from "./connect.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";

let project: Project;
let server: Server;
let socket: string;

beforeEach(() => {
  project = { root: realpathSync(mkdtempSync(join(tmpdir(), "caisson-client-"))), stack: "s", environment: "dev" };
  const layout = projectLayout(project);
  prepareFolders(layout, process.getuid?.() ?? 0);
  socket = layout.socket;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(project.root, { recursive: true });
});

const listen = (answer: RequestListener): Promise<void> => {
  server = createServer(answer);
  return new Promise((resolve) => server.listen(socket, resolve));
};

describe("connecting to an agent", () => {
  it("that is just ending takes it for ended, not for lost", async () => {
    let asked = 0;
    await listen((request) => {
      request.socket.destroy();
      // As an agent that closes: the connection breaks first, then its socket is gone.
      if (++asked === 2) server.close();
    });
    expect(await connectAgent(project)).toBeUndefined();
    expect(asked).toBe(2);
  });

  it("that has gone without its socket's leave is no agent", async () => {
    await listen(() => {});
    const gone = projectLayout({ ...project, environment: "other" });
    expect(await connectAgent({ ...project, environment: "other" })).toBeUndefined();
    await expect(requestJson(gone.socket, "GET", "/v1/info")).rejects.toMatchObject({ code: "E_NOT_RUNNING" });
  });

  it("that says nothing ends in time, and says so", async () => {
    await listen(() => {});
    await expect(requestJson(socket, "GET", "/v1/info", undefined, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: "E_AGENT_LOST",
      message: "the stack's agent does not answer",
    });
  });

  it("that ends a connection between two questions is asked by another", async () => {
    const used = new Set<unknown>();
    await listen((request, response) => {
      // As where it goes while a kept connection is taken for the next question.
      if (used.has(request.socket)) request.socket.destroy();
      used.add(request.socket);
      response.end("{}");
    });
    for (let asked = 0; asked < 3; asked++) expect(await requestJson(socket, "GET", "/v1/info")).toEqual({});
  });

  it("whose answer breaks off is lost", async () => {
    await listen((_, response) => {
      response.writeHead(200).write('{"ok":');
      setTimeout(() => response.destroy(), 20);
    });
    const lost = { code: "E_AGENT_LOST", message: "the connection to the stack's agent broke" };
    await expect(requestJson(socket, "GET", "/v1/info")).rejects.toMatchObject(lost);
    await expect(requestLines(socket, "GET", "/v1/events").next()).rejects.toMatchObject(lost);
  });

  it("may be given up before it answers, without an error", async () => {
    await listen(() => {});
    const lines: unknown[] = [];
    for await (const line of requestLines(socket, "GET", "/v1/events", undefined, AbortSignal.timeout(50)))
      lines.push(line);
    expect(lines).toEqual([]);
  });
});
