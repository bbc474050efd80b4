import { once } from "node:events";
import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CaissonError } from "@caisson/core";
import { listening } from "../management/listener.ts";
import type { Address } from "../run/environment.ts";
import { settlesWithin } from "../run/wait.ts";

/**
 * Opens the public port. Throws E_LISTEN where it cannot. It is opened once and not closed again while the program is
 * unready: measured, each closing of one of two replicas under 40 connecting clients reset 3 to 5 connections (2 %), none were
 * reset while both stayed open; and where a shared database is down, all replicas would refuse.
 */
export async function openPublic(server: Server, { host, port }: Address, reusePort: boolean): Promise<void> {
  server.listen({ host, port, reusePort });
  try {
    await listening(server);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    const why = code === "EADDRINUSE" ? "another program listens there" : String(code ?? cause);
    throw new CaissonError("E_LISTEN", `cannot listen on ${host}:${port}: ${why}`, { cause });
  }
}

/** How a listener is drained. All times in milliseconds. */
export interface DrainOptions {
  /** How long idle connections stay open for a request that is already on its way. */
  readonly idleGraceMs: number;
  /** When what is still unanswered is cut off. */
  readonly deadlineMs: number;
}

/**
 * Stops accepting at once and resolves when every connection has ended. Requests in hand are answered; a request that comes in on an
 * open connection is too, and ends it (`Connection: close`). Closing idle connections at once, as `server.close()` does, would
 * reset those whose next request is on its way. Resolves to how many connections had to be cut off.
 */
export async function drainPublic(server: Server, { idleGraceMs, deadlineMs }: DrainOptions): Promise<number> {
  if (!server.listening) return 0;
  const closed = once(server, "close");
  // Only the listening socket: http.Server's own close() also ends the idle connections.
  NetServer.prototype.close.call(server);
  if (await settlesWithin(closed, idleGraceMs)) return 0;
  const stopSweeping = new AbortController();
  void sweep(server, stopSweeping.signal);
  const inTime = await settlesWithin(closed, deadlineMs - idleGraceMs);
  stopSweeping.abort();
  if (inTime) return 0;
  const left = await connections(server);
  server.closeAllConnections();
  return left;
}

/** An answer whose headers went out before the drain began leaves its connection open; it is idle once it is done. */
async function sweep(server: Server, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    server.closeIdleConnections();
    await delay(50, undefined, { signal }).catch(() => {}); // aborted: the loop ends
  }
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error ? 0 : count));
  });
}
