import type { Dashboard } from "@grafana/schema";
import { parser as logql } from "@grafana/lezer-logql";
import { parser as promql } from "@prometheus-io/lezer-promql";
import { expect, describe, test } from "vitest";
import type { ResolvedStack, Resource } from "@caisson/core";
import { dashboardJson } from "../../packages/core/src/derive/grafana/dashboard.ts";
import { emittedMetrics } from "../../packages/core/src/derive/monitoring/sources.ts";
import { wholeStacks } from "./stacks.ts";

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

function dashboardOf({ resources }: ResolvedStack): readonly Panel[] {
  const slot = resources.flatMap(({ files }) => files).find(({ name }) => name === "dashboard.json");
  if (slot?.content.kind !== "literal") throw new Error("there is no dashboard");
  return (JSON.parse(String(slot.content.value)) as { readonly panels: readonly Panel[] }).panels;
}

/** Rows by title, with the titles of their panels. */
function rowsOf(panels: readonly Panel[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { type, title } of panels)
    if (type === "row") rows.set(title, []);
    else [...rows.values()].at(-1)?.push(title);
  return rows;
}

const expressions = (panels: readonly Panel[], uid: string): string[] =>
  panels.flatMap(({ targets = [] }) =>
    targets.filter(({ datasource }) => datasource.uid === uid).map(({ expr }) => expr),
  );

/** Names of metrics that a query selects, as the grammar sees them; throws at what is no PromQL. */
function selected(query: string): string[] {
  const names: string[] = [];
  promql.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`${query}: no PromQL at ${from}`);
      if (type.name === "Identifier") names.push(query.slice(from, to));
    },
  });
  return names;
}

describe.each(wholeStacks.map((stack) => ({ name: `${stack.name} in ${stack.environment}`, stack })))(
  "the dashboard of $name",
  ({ stack }) => {
    const panels = dashboardOf(stack);

    test("asks PromQL of metrics that a scraped target exposes, and nothing else", () => {
      const emitted = new Set(
        [...emittedMetrics(stack.resources).values()].flatMap(([metric]) =>
          metric?.kind === "histogram"
            ? [`${metric.name}_bucket`, `${metric.name}_sum`, `${metric.name}_count`]
            : [metric?.name],
        ),
      );
      const asked = expressions(panels, "prometheus").flatMap(selected);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((name) => !emitted.has(name))).toEqual([]);
    });

    test("asks LogQL", () => {
      const asked = expressions(panels, "loki");
      const hasLoki = stack.resources.some(({ answers }) => answers?.as === "loki");
      expect(asked.length > 0).toBe(hasLoki && stack.resources.some(({ kind }) => kind === "service"));
      for (const query of asked)
        logql
          .parse(query)
          .iterate({ enter: ({ type, from }) => expect(type.isError, `${query}: no LogQL at ${from}`).toBe(false) });
    });

    test("has a row for each service built on the kit, and for each store that an exporter looks at", () => {
      const rows = rowsOf(panels);
      const of = (has: (resource: Resource) => boolean): string[] =>
        stack.resources.filter(has).map(({ name }) => name);
      const services = of(({ kind, program }) => kind === "service" && program?.management === true);
      for (const name of services)
        expect(rows.get(name), name).toEqual(expect.arrayContaining(["Health", "Replicas", "CPU", "Memory"]));
      for (const name of of(
        ({ kind, program }) => kind === "service" && program?.management === true && program.http !== undefined,
      ))
        expect(rows.get(name), name).toEqual(
          expect.arrayContaining(["Requests a second", "Errors a second", "Time to answer"]),
        );
      for (const { metrics = [] } of stack.resources)
        for (const { list, of: store = "" } of metrics) {
          if (list.program === "postgres_exporter")
            expect(rows.get(store)).toEqual(
              expect.arrayContaining(["Connections", "Transactions a second", "Cache hits"]),
            );
          if (list.program === "kafka_exporter")
            expect([...rows.values()]).toContainEqual(expect.arrayContaining(["Messages a second", "Lag"]));
          if (list.program === "redis_exporter")
            expect(rows.get(store)).toEqual(expect.arrayContaining(["Memory", "Hits", "Evictions a second"]));
        }
    });
  },
);

test("the grammars refuse what is none", () => {
  expect(() => selected("sum by (resource) (rate(up[5m])")).toThrow(/no PromQL/);
  let errors = 0;
  logql.parse('{resource="a"').iterate({ enter: ({ type }) => void (type.isError && errors++) });
  expect(errors).toBeGreaterThan(0);
});

test("a dashboard is of the type that Grafana publishes", () => {
  // The compiler's check, not this run's: what Grafana takes otherwise, or does without, does not compile.
  const typed: Dashboard = dashboardJson("caisson", "Overview", [], ["api"]);
  expect(typed.panels).toHaveLength(3);
});
