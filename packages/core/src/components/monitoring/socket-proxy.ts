import { engineSocket } from "../../model/container-defaults.ts";
import { concat, literal } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** A proxy in front of the engine's socket; `url` is `tcp://host:port`. */
export type SocketProxy = Resource & { readonly url: Value<"text"> };

/**
 * The engine's API, read only and only its containers: what reads logs and metrics takes this instead of the socket, which
 * gives the host away whoever holds it. The one resource of the catalogue that mounts the socket, and that runs as root.
 */
export function socketProxy(name: string, options: ServerOptions = {}): SocketProxy {
  const { address } = self(name);
  const allowed = Object.fromEntries(["CONTAINERS", "IMAGES", "INFO", "NETWORKS"].map((each) => [each, literal("1")]));
  return freeze({
    ...server(name, options, {
      part: "socket-proxy",
      line: "0",
      program: "docker-socket-proxy",
      args: [],
      ports: [stackPort("api", 0)],
      probe: { kind: "http", port: "api", path: "/_ping" },
      container: {
        user: { uid: 0, gid: 0 },
        env: { ...allowed, POST: literal("0"), LOG_LEVEL: literal("warning") },
        tmpfs: [{ path: "/run" }],
        hostPaths: [{ host: engineSocket, path: engineSocket }],
        ports: { api: 2375 },
        health: wgetHealth(2375, "/_ping"),
      },
      outputs: {
        url: {
          type: "text",
          value: concat("tcp://", address("api")),
          strength: "uses",
          condition: "healthy",
        },
      },
    }),
    url: { kind: "ref", resource: name, output: "url" } as const,
  });
}
