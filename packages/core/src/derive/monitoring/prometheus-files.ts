import { yamlText } from "../../components/config-text.ts";
import type { Expression } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import type { PrometheusDerivation } from "../derivation.ts";
import type { Derived, StackIdentity } from "../derive-files.ts";
import { alertsOf, settingProblems } from "./alerts-of.ts";
import { ruleFile } from "./rules.ts";
import { scrapeJobs } from "./scrape-jobs.ts";

/** The files of a Prometheus: its configuration with a job for all that serves metrics, and the rules. */
export function prometheusFiles(
  { name }: Resource,
  { config, alerts, extraJobs = [] }: PrometheusDerivation,
  all: readonly Resource[],
  stack: StackIdentity,
  declared: readonly Resource[],
): Derived {
  const { jobs, files, observes } = scrapeJobs(name, all, stack);
  const rules: Expression = { kind: "path", of: "file", resource: name, name: "rules.yml" };
  return {
    files: [
      {
        name: "prometheus.yml",
        mode: 0o644,
        content: yamlText({ ...config, rule_files: [rules], scrape_configs: [...jobs, ...extraJobs] }),
      },
      {
        name: "rules.yml",
        mode: 0o644,
        content: yamlText(ruleFile(all, alertsOf(all, { settings: alerts, scraper: name }))),
      },
      ...files,
    ],
    observes,
    problems: settingProblems(name, declared, alerts),
  };
}
