import type { Config } from "../components/config-text.ts";
import type { Expression } from "../model/expression.ts";
import type { AlertSettings } from "./monitoring/alerts-of.ts";

/**
 * What of a resource's files follows from the whole stack and can only be written when that is known. A component says
 * `derives: { kind: "prometheus", config, alerts }`; its files and its edges to what they name are added when the
 * stack is resolved.
 */
export type Derivation = PrometheusDerivation | GrafanaDerivation | AlloyDerivation;

/** The scrape jobs, rules and passwords of a Prometheus. */
export interface PrometheusDerivation {
  readonly kind: "prometheus";
  /** Of `prometheus.yml`, all but `scrape_configs` and `rule_files`. */
  readonly config: { readonly [key: string]: Config };
  readonly alerts: AlertSettings;
  /** Jobs beside ours, as Prometheus has them. */
  readonly extraJobs?: readonly Config[];
}

/** The data sources and the dashboard of a Grafana. */
export interface GrafanaDerivation {
  readonly kind: "grafana";
  /** Where its dashboards are, in its container. */
  readonly dashboards: string;
}

/** The configuration of an Alloy: which containers' lines it reads, and whose each is. */
export interface AlloyDerivation {
  readonly kind: "alloy";
  /** The engine's API. */
  readonly engine: Expression;
  /** Where lines go: Loki's address for them. */
  readonly push: Expression;
}
