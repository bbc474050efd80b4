import type { Config } from "../../components/config-text.ts";
import type { ExampleSeries } from "../../model/monitoring.ts";
import { toMs } from "../../model/quantity.ts";
import { spanOf } from "../../promql/span.ts";
import { alertQuery, type BoundAlert } from "./alert-rule.ts";

/** promtool's lookback: a series that ended is still seen for so long. */
const lookbackMinutes = 5;

/**
 * Unit tests for promtool: each alert's example is quiet, then in alarm, then quiet again, each long enough for all that
 * its query looks back on; the alert must not fire at the end of the first, must at the end of the second, and must have
 * cleared at the end of the third.
 */
export function ruleTests(alerts: readonly BoundAlert[], ruleFiles: readonly string[]): Config {
  return { rule_files: ruleFiles, evaluation_interval: "1m", tests: alerts.map(testOf) };
}

function testOf(alert: BoundAlert): Config {
  const minutes = Math.ceil((spanOf(alertQuery(alert)) + toMs(alert.for)) / 60_000) + lookbackMinutes + 1;
  const firing = `count(ALERTS{alertname="${alert.name}",alertstate="firing",resource="${alert.of}"}) > bool 0`;
  const at = (phase: 1 | 2 | 3, fires: boolean): Config => ({
    expr: firing,
    eval_time: `${phase * minutes - 1}m`,
    exp_samples: fires ? [{ labels: "{}", value: 1 }] : [],
  });
  return {
    name: `${alert.of}/${alert.name}`,
    interval: "1m",
    input_series: alert.example.map((series) => ({ series: seriesText(series), values: valuesText(series, minutes) })),
    promql_expr_test: [at(1, false), at(2, true), at(3, false)],
  };
}

function seriesText({ metric, part, labels }: ExampleSeries): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${metric.name}${part === undefined ? "" : `_${part}`}{${pairs.join(",")}}`;
}

/** promtool's notation: `a+bxn` is a, a+b, ... with n steps after the first, `_xn` is nothing n times. */
function valuesText({ metric, part, quiet, alarm }: ExampleSeries, minutes: number): string {
  const grows = metric.kind === "counter" || part !== undefined;
  let reached = 0;
  return [quiet, alarm, quiet]
    .map((value) => {
      if (value === "absent") return `_x${minutes}`;
      if (typeof value === "object") return line(value.from, value.aMinute, minutes);
      if (!grows) return line(value, 0, minutes);
      const start = reached + value;
      reached += value * minutes;
      return line(start, value, minutes);
    })
    .join(" ");
}

function line(from: number, aMinute: number, minutes: number): string {
  return `${from}${aMinute < 0 ? "" : "+"}${aMinute}x${minutes - 1}`;
}
