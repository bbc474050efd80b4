import type { ResolvedStack } from "../model/resolved.ts";

/** One sentence for each Alertmanager that tells nobody, but in `dev`, where people look for themselves. */
export function unheardAlerts({ environment, resources }: Pick<ResolvedStack, "environment" | "resources">): string[] {
  if (environment === "dev") return [];
  return resources.flatMap(({ name, tellsNobody }) =>
    tellsNobody === true
      ? [`${name} tells nobody of alerts in ${environment}: give it a receiver (email, slack, pagerduty or webhook)`]
      : [],
  );
}
