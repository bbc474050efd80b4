import { bare, type Config } from "../config-text.ts";
import { self } from "../self.ts";

/** What is the same in every configuration of a Collector, and of what is built on one. */
export interface CollectorConfig {
  /** Listens on one of its ports. */
  listen(port: string): Config;
  /** Takes OTLP in, over HTTP and over gRPC. */
  readonly receivers: Config;
  /**
   * Its own metrics for a Prometheus. A reader that somebody writes adds units and suffixes to every name, and alerts then
   * match nothing: the names stay the documented ones, as of the reader that nobody writes.
   */
  readonly readers: Config;
}

export function collectorConfig(name: string): CollectorConfig {
  const { at, bind } = self(name);
  const listen = (port: string): Config => ({ endpoint: bind(port) });
  const prometheus = {
    host: at("metrics", "bind"),
    port: bare(at("metrics", "port")),
    without_units: true,
    without_type_suffix: true,
    without_scope_info: true,
  };
  return {
    listen,
    receivers: { otlp: { protocols: { grpc: listen("otlp-grpc"), http: listen("otlp") } } },
    readers: [{ pull: { exporter: { prometheus } } }],
  };
}
