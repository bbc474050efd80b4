import { CaissonError, isCaissonError } from "@caisson/core/run";
import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { http } from "../host/http.ts";

/** One path of the agent's API. A handler answers JSON (its return value) or writes lines through `exchange`. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Matched whole; a group is a parameter. */
  readonly path: RegExp;
  readonly handle: (exchange: Exchange) => Promise<unknown>;
}

/** One request. */
export interface Exchange {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Writes one NDJSON line; waits while the reader is slow. */
  readonly line: (value: unknown) => Promise<void>;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Aborts when the client is gone, or when the agent ends: what is streamed is to come to its end then. */
  readonly over: AbortSignal;
}

/** A server, and its end in two steps: who listens hears the last word, and when the socket is gone so is the agent. */
export interface AgentServer {
  /** Answers nothing new; resolves when every answer under way is on its way out, at the latest after `patienceMs`. */
  finish(patienceMs: number): Promise<void>;
  close(): void;
}

/** Largest request: a resolved stack of some ten thousand resources. */
const maxBody = 64 * 1024 ** 2;

/** Serves `routes` on a unix socket that only its owner may open. Everything that is answered goes through `redact`. */
export async function serve(
  socket: string,
  routes: readonly Route[],
  redact: (text: string) => string,
): Promise<AgentServer> {
  // A socket file left by a dead agent: the lock, held by our caller, says that nobody listens on it.
  rmSync(socket, { force: true });
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const server = http.createServer((request, response) => {
    // As if the agent were gone already; it soon is.
    if (ending.signal.aborted) return void request.socket.destroy();
    const closed = new Promise((resolve) => response.once("close", resolve));
    underWay.add(closed);
    void closed.then(() => underWay.delete(closed));
    void answer(request, response, routes, redact, ending.signal);
  });
  // Streams (events, logs, a lease) stay open for as long as their reader wants.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return {
    async finish(patienceMs) {
      ending.abort();
      await Promise.race([Promise.all(underWay), delay(patienceMs)]);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly Route[],
  redact: (text: string) => string,
  ending: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://agent");
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const route = routes.find((each) => each.method === request.method && each.path.test(url.pathname));
    if (!route) throw new CaissonError("E_AGENT_REQUEST", `the agent has no ${request.method ?? ""} ${url.pathname}`);
    const exchange: Exchange = {
      params: (route.path.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent),
      query: url.searchParams,
      body: await readBody(request),
      line: (value) => writeLine(response, redact(JSON.stringify(value))),
      gone: gone.signal,
      over: AbortSignal.any([gone.signal, ending]),
    };
    const result = await route.handle(exchange);
    if (response.headersSent) response.end();
    else send(response, 200, result === undefined ? "" : redact(JSON.stringify(result)));
  } catch (error) {
    fail(response, error, redact);
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new CaissonError("E_AGENT_REQUEST", `the request is larger than ${maxBody} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new CaissonError("E_AGENT_REQUEST", "the request's body is not JSON", { cause });
  }
}

function writeLine(response: ServerResponse, text: string): Promise<void> {
  if (!response.headersSent) response.writeHead(200, { "content-type": "application/x-ndjson" });
  if (response.destroyed || response.write(`${text}\n`)) return Promise.resolve();
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}

function fail(response: ServerResponse, error: unknown, redact: (text: string) => string): void {
  const known = isCaissonError(error);
  const message = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  const document = {
    type: "error",
    code: known ? error.code : "E_BUG",
    message,
    hint: known ? error.hint : "This is a bug of Caisson's; please report it.",
  };
  const text = redacted(document, redact);
  if (response.headersSent) response.end(`${text}\n`);
  else send(response, known ? 400 : 500, text);
}

/** An error is always answered; where it cannot be redacted, without its words. */
function redacted(document: { readonly message: string }, redact: (text: string) => string): string {
  try {
    return redact(JSON.stringify(document));
  } catch {
    return JSON.stringify({ ...document, message: "an error that could not be redacted, so it is not shown" });
  }
}
