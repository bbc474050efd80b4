import { yamlText } from "../../components/config-text.ts";
import { self } from "../../components/self.ts";
import { literal } from "../../model/expression.ts";
import type { Resource } from "../../model/resource.ts";
import type { GrafanaDerivation } from "../derivation.ts";
import type { Derived } from "../derive-files.ts";
import { dashboardJson } from "./dashboard.ts";
import { dashboardProviderFile, dataSourceFile, type DataSourceUrls } from "./provisioning.ts";
import { dashboardRows } from "./rows.ts";
import { spanQueries } from "./span-queries.ts";

/** The files a Grafana is provisioned from: the data sources that the stack has, and its dashboard. */
export function grafanaFiles(_: Resource, { dashboards }: GrafanaDerivation, all: readonly Resource[]): Derived {
  // Of two that answer in the same words the first is asked.
  const sources = new Map(
    all
      .toReversed()
      .flatMap(({ name, answers }) => (answers ? [[answers.as, { name, port: answers.port }] as const] : [])),
  );
  const urls: DataSourceUrls = Object.fromEntries(
    [...sources].map(([as, { name, port }]) => [as, self(name).url(port)]),
  );
  // A pod's own lines are its supervisor's.
  const services = all
    .filter(({ kind }) => kind === "service")
    .flatMap(({ name, pod }) => (pod ? [pod.name, name] : [name]));
  const logs = urls.loki ? [...new Set(services)] : [];
  const dashboard = dashboardJson("caisson", "Overview", urls.prometheus ? dashboardRows(all) : [], logs);
  return {
    files: [
      { name: "datasources.yml", mode: 0o644, content: yamlText(dataSourceFile(urls, spanQueries(all))) },
      { name: "dashboards.yml", mode: 0o644, content: yamlText(dashboardProviderFile(literal(dashboards))) },
      { name: "dashboard.json", mode: 0o644, content: literal(`${JSON.stringify(dashboard)}\n`) },
    ],
    observes: [...sources.values()].map(({ name }) => name),
    problems: [],
  };
}
