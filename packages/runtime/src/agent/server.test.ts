import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requestJson, requestLines } from "../client/http.ts";
import { createHub, type Hub } from "./hub.ts";
import { serve, type AgentServer } from "./server.ts";

describe("an agent's server that ends", () => {
  let folder: string;
  let socket: string;
  let hub: Hub;
  let server: AgentServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "caisson-server-"));
    socket = join(folder, "socket");
    hub = createHub();
    const routes = [
      {
        method: "GET" as const,
        path: /^\/events$/,
        handle: async ({ line, over }: Parameters<Parameters<typeof serve>[1][number]["handle"]>[0]) => {
          const events = hub.listen(over);
          await line({ type: "note", message: "listening" });
          for await (const event of events) await line(event);
        },
      },
      { method: "GET" as const, path: /^\/never$/, handle: () => new Promise(() => {}) },
    ];
    server = await serve(socket, routes, (text) => text);
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets every stream hear the last word, and answers nothing new", async () => {
    const lines = requestLines<{ message: string }>(socket, "GET", "/events");
    expect((await lines.next()).value).toMatchObject({ message: "listening" });
    for (let count = 0; count < 1000; count++) hub.tell({ type: "note", message: String(count) });
    const finished = server.finish(60_000);
    await expect(requestJson(socket, "GET", "/events")).rejects.toMatchObject({ code: "E_AGENT_LOST" });
    await finished;
    server.close();
    const heard = await Array.fromAsync(lines);
    expect(heard.at(-1)).toMatchObject({ message: "999" });
    expect(heard).toHaveLength(1000);
  });

  it("waits for no answer that does not come", async () => {
    const lost = requestJson(socket, "GET", "/never").catch((error: unknown) => error);
    await requestJson(socket, "GET", "/unknown").catch(() => {}); // the first has arrived by then
    await server.finish(10);
    server.close();
    expect(await lost).toMatchObject({ code: "E_AGENT_LOST" });
  });
});
