import type { Config } from "../../components/config-text.ts";
import type { Resource } from "../../model/resource.ts";
import { alertRule, type BoundAlert } from "./alert-rule.ts";
import { recordingRule, recordings } from "./recordings.ts";

/** A rule file: what is recorded, then the alerts, a group for each resource. */
export function ruleFile(resources: readonly Resource[], alerts: readonly BoundAlert[]): Config {
  const groups = [...Map.groupBy(alerts, ({ of }) => of)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    groups: [
      { name: "availability", rules: recordings(resources).map(recordingRule) },
      ...groups.map(([of, group]) => ({ name: of, rules: group.map(alertRule) })),
    ],
  };
}
