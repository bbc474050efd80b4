import type { HostProduct } from "@caisson/core/run";

/** How a product is found on a host, when its program is the system's. */
export interface SystemProgram {
  /** Names it goes by, the preferred one first. */
  readonly names: readonly string[];
  readonly flag: string;
  /** Finds the version in what it says, number first. */
  readonly version: RegExp;
  /** The name that the component's `path` expressions use. */
  readonly binary: string;
  readonly debian: string;
}

const goExporter = (name: string, debian: string): SystemProgram => ({
  names: [debian, name],
  flag: "--version",
  version: new RegExp(`${name}, version v?(\\d+[\\w.]*)`),
  binary: name,
  debian,
});

const programs: Readonly<Record<Exclude<HostProduct, "postgres" | "redis" | "nginx">, SystemProgram>> = {
  mosquitto: {
    names: ["mosquitto"],
    flag: "-h",
    version: /mosquitto version (\d+[\w.]*)/,
    binary: "mosquitto",
    debian: "mosquitto",
  },
  prometheus: goExporter("prometheus", "prometheus"),
  alertmanager: goExporter("alertmanager", "prometheus-alertmanager"),
  victoriametrics: {
    names: ["victoria-metrics"],
    flag: "-version",
    version: /victoria-metrics\S*?[-_]v?(\d+\.\d+[\w.]*)/,
    binary: "victoria-metrics",
    debian: "victoria-metrics",
  },
  "node-exporter": goExporter("node_exporter", "prometheus-node-exporter"),
  "blackbox-exporter": goExporter("blackbox_exporter", "prometheus-blackbox-exporter"),
  "postgres-exporter": goExporter("postgres_exporter", "prometheus-postgres-exporter"),
};

/** How programs of products are found; PostgreSQL, Redis and nginx are in their own ways. */
export const systemPrograms: Readonly<Record<string, SystemProgram>> = programs;
