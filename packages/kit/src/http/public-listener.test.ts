import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { endPrograms, startProgram, type TestProgram } from "../testing/program.ts";

const environment = { API_KEY: "canary-key-1234" };

afterEach(endPrograms);

interface Answer {
  readonly status: number;
  readonly close: boolean;
  /** What went wrong on the edge's side. */
  readonly why?: string;
}

function get(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.resume();
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          close: response.headers.connection === "close",
          ...(response.headers["x-why"] !== undefined && { why: String(response.headers["x-why"]) }),
        }),
      );
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end();
  });
}

test("under keep-alive load every request on an open connection is answered, the last with Connection: close", async () => {
  const program = startProgram("echo", environment);
  const url = await program.publicUrl();
  const clients = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  let answered = 0;
  const warm = Promise.withResolvers<void>();
  const loops = clients.map(async (agent, index) => {
    for (;;) {
      // Some are in the middle of a request when the signal comes, some are between two.
      const { status, close } = await get(index % 2 === 0 ? `${url}/greet/x` : `${url}/slow/5`, agent);
      expect(status).toBe(200);
      if (++answered === 500) warm.resolve();
      if (close) return;
    }
  });
  await warm.promise;
  program.kill("SIGTERM");
  await Promise.all(loops);
  expect(await program.exit).toEqual({ code: 0, signal: null });
  for (const agent of clients) agent.destroy();
});

test("an idle connection gets a last answer, and does not hold up the end", async () => {
  const program = startProgram("echo", environment);
  const url = await program.publicUrl();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await get(`${url}/greet/x`, agent)).toEqual({ status: 200, close: false });
  program.kill("SIGTERM");
  await program.line(({ msg }) => msg === "draining");
  expect(await get(`${url}/greet/x`, agent)).toEqual({ status: 200, close: true });
  expect(await program.exit).toEqual({ code: 0, signal: null });
  agent.destroy();
});

test("a request that outlasts the drain is cut off, told in the log, and the program ends", async () => {
  const program = startProgram("echo", { ...environment, DRAIN_TIMEOUT_MS: "800" });
  const url = await program.publicUrl();
  const agent = new Agent({ keepAlive: true });
  expect(await get(`${url}/greet/x`, agent)).toMatchObject({ status: 200 });
  const slow = get(`${url}/slow/60000`, agent).catch(() => "cut off");
  await program.line(({ msg }) => msg === "slow");
  program.kill("SIGTERM");
  expect(await slow).toBe("cut off");
  expect(await program.line(({ connections }) => connections !== undefined)).toMatchObject({
    level: "warn",
    connections: 1,
  });
  expect(await program.exit).toEqual({ code: 0, signal: null });
  agent.destroy();
});

test("behind an edge, a replica is replaced without an error", async () => {
  const [first, second] = [startProgram("echo", environment), startProgram("echo", environment)];
  const edge = await startEdge([first, second]);
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  const wrong: unknown[] = [];
  let answered = 0;
  const stopped = new AbortController();
  const half = Promise.withResolvers<void>();
  const loops = Array.from({ length: 10 }, async () => {
    while (!stopped.signal.aborted) {
      const answer = await get(`${edge.url}/greet/x`, agent).catch((error: unknown) => error);
      if ((answer as Partial<Answer>).status !== 200) wrong.push(answer);
      if (++answered === 300) half.resolve();
    }
  });
  await half.promise;
  first.kill("SIGTERM");
  expect(await first.exit).toEqual({ code: 0, signal: null });
  stopped.abort();
  await Promise.all(loops);
  expect(wrong).toEqual([]);
  agent.destroy();
  await edge.close();
});

/** A round-robin proxy that asks the next replica when one gives no answer, as edges do for idempotent requests (RFC 9110, 9.2.2). */
async function startEdge(programs: readonly TestProgram[]): Promise<{ url: string; close: () => Promise<void> }> {
  const upstreams = await Promise.all(programs.map((program) => program.publicUrl()));
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse, to: number, tries: number): void => {
    const sent = request(`${upstreams[to % upstreams.length]}${incoming.url ?? ""}`, { agent }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502);
      response.pipe(outgoing);
    });
    sent.once("error", (error) => {
      if (tries > 0 && !outgoing.headersSent) forward(incoming, outgoing, to + 1, tries - 1);
      else outgoing.writeHead(502, { "x-why": `${error.message}, reused: ${sent.reusedSocket}` }).end();
    });
    sent.end();
  };
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, turn++, 3)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
