/** Products whose program a host may have; all others run in containers alone. */
const hostProducts = [
  "postgres",
  "redis",
  "nginx",
  "mosquitto",
  "prometheus",
  "alertmanager",
  "victoriametrics",
  "node-exporter",
  "blackbox-exporter",
  "postgres-exporter",
] as const;

export type HostProduct = (typeof hostProducts)[number];

/** Whether a host may have the program of a product. */
export function isHostProduct(product: string): boolean {
  return (hostProducts as readonly string[]).includes(product);
}
