import { createServer as createHttpServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Where the servers of tests listen. */
export const host = "127.0.0.1";

/** Scripted servers of one test, on free ports. */
export interface Servers {
  /** Answers the first bytes of each connection with the given chunks, each a packet of its own; closes then, or stays silent. */
  answering(chunks: readonly (Buffer | string)[], close?: boolean): Promise<number>;
  /** Accepts, and never says a word: what a bare TCP probe takes for health. */
  silent(): Promise<number>;
  /** The URL of an HTTP server. */
  http(listener: RequestListener): Promise<string>;
  close(): Promise<void>;
}

/** Begins with none; `close` ends all that were asked for. */
export function startServers(): Servers {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port; // a TCP server has one
  };
  return {
    answering: (chunks, close = true) => listen(createServer((socket) => void answer(socket, chunks, close))),
    silent: () => listen(createServer(() => undefined)),
    http: async (listener) => `http://${host}:${await listen(createHttpServer(listener))}/ready`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(socket: Socket, chunks: readonly (Buffer | string)[], close: boolean): Promise<void> {
  await new Promise((resolve) => socket.once("data", resolve));
  for (const chunk of chunks) {
    await new Promise((resolve) => socket.write(chunk, resolve));
    await delay(20); // so that they are packets of their own, on a slow machine too
  }
  if (close) socket.end();
}
