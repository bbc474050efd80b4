import { expect, it } from "vitest";
import { alertmanager } from "../components/monitoring/alertmanager.ts";
import { literal } from "../model/expression.ts";
import { unheardAlerts } from "./unheard-alerts.ts";

it("warns of an Alertmanager without a receiver, and not in dev", () => {
  const resources = [
    alertmanager("quiet"),
    alertmanager("told", { port: 9094, webhook: literal("https://example.com/alerts") as never }),
  ];
  expect(unheardAlerts({ environment: "prod", resources })).toEqual([
    "quiet tells nobody of alerts in prod: give it a receiver (email, slack, pagerduty or webhook)",
  ]);
  expect(unheardAlerts({ environment: "dev", resources })).toEqual([]);
});
