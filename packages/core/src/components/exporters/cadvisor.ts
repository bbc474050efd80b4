import { containerLabels } from "../../model/container-labels.ts";
import { concat } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import { stackPort } from "../../model/ports.ts";
import type { Resource } from "../../model/resource.ts";
import {
  cadvisorMetrics,
  cadvisorOwner,
  cadvisorRename,
  containerAlerts,
  containerPanels,
} from "../metrics/cadvisor.ts";
import type { SocketProxy } from "../monitoring/socket-proxy.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";

/** Options of a cAdvisor. */
export interface CadvisorOptions extends ServerOptions {
  /** The engine that runs the containers, through its proxy. */
  readonly engine: SocketProxy;
}

/**
 * CPU, memory, disk and network of each container of the stack. Root inside, for control groups and layers are root's; it writes nothing.
 * Layers are found below `/rootfs`, wherever the engine keeps them.
 */
export function cadvisor(name: string, options: CadvisorOptions): Resource {
  const { at } = self(name);
  return freeze(
    server(name, options, {
      part: "cadvisor",
      line: "0",
      program: "cadvisor",
      args: [
        concat("--listen_ip=", at("metrics", "bind")),
        concat("--port=", at("metrics", "port")),
        concat("--docker=", options.engine.url),
        "--docker_only",
        "--store_container_labels=false",
        // The labels that tell whose container it is.
        `--whitelisted_container_labels=${Object.values(containerLabels).join(",")}`,
        "--housekeeping_interval=15s",
        "--disable_metrics=percpu,sched,tcp,udp,process,hugetlb,referenced_memory,resctrl,cpuset,advtcp",
      ],
      ports: [stackPort("metrics", 0)],
      metrics: [
        { port: "metrics", path: "/metrics", list: cadvisorMetrics, owner: cadvisorOwner, rename: cadvisorRename },
      ],
      alerts: containerAlerts(name),
      panels: containerPanels(name),
      probe: { kind: "http", port: "metrics", path: "/healthz" },
      container: {
        user: { uid: 0, gid: 0 },
        hostPaths: [
          { host: "/", path: "/rootfs" },
          { host: "/sys", path: "/sys" },
        ],
        ports: { metrics: 8080 },
        health: wgetHealth(8080, "/healthz"),
      },
    }),
  );
}
