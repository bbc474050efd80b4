import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import { ownMetrics } from "../metrics/own-metrics.ts";
import { self } from "../self.ts";
import { healthCommand, server, type ServerOptions } from "../server.ts";
import type { Loki } from "./loki.ts";
import type { SocketProxy } from "./socket-proxy.ts";

/** Options of an Alloy. */
export interface AlloyOptions extends ServerOptions {
  /** Where logs go. */
  readonly loki: Loki;
  /** The engine whose containers' logs are read, through its proxy. */
  readonly engine: SocketProxy;
}

/**
 * Alloy, in the place of Promtail: reads the logs of the stack's containers and writes them to Loki. While Loki is away it holds
 * them, in memory: what it holds when it ends then (some 10 MiB at most) is lost, for its log on disk is an experiment still.
 */
export function alloy(name: string, options: AlloyOptions): Resource {
  const { bind, path } = self(name);
  const listen = concat("--server.http.listen-addr=", bind("http"));
  return freeze(
    server(name, options, {
      part: "alloy",
      line: "1",
      program: "alloy",
      args: [
        "run",
        listen,
        concat("--storage.path=", path("volume", "data")),
        "--disable-reporting",
        path("file", "config.alloy"),
      ],
      ports: [stackPort("http", 0)],
      derives: { kind: "alloy", engine: options.engine.url, push: options.loki.pushUrl },
      volumes: [{ name: "data", dataMajor: 1, holds: "cache" }],
      metrics: [ownMetrics("http", "alloy")],
      // Not /-/healthy: that is 500 while any one part of the pipeline is unwell.
      probe: { kind: "http", port: "http", path: "/-/ready" },
      container: {
        user: { uid: 473, gid: 473 },
        mounts: [{ volume: "data", path: "/var/lib/alloy/data", ownedByImage: true }],
        ports: { http: 12_345 },
        // The image has bash and grep, and no client for HTTP.
        health: healthCommand(
          "bash",
          "-c",
          'exec 3<>/dev/tcp/127.0.0.1/12345; printf "GET /-/ready HTTP/1.0\\r\\n\\r\\n" >&3; grep -q "200 OK" <&3',
        ),
      },
      stop: { signal: "SIGTERM", graceMs: 30_000 },
    }),
  );
}
