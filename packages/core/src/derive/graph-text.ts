import type { Strength } from "../model/expression.ts";
import { arrowsOf, kindWords, type Graph } from "./graph.ts";
import { startOrder } from "./order.ts";

/** The graph as text: a line a resource in the order of the start, with its wave and what it depends on. */
export function graphText(graph: Graph): string {
  const targets = Map.groupBy(arrowsOf(graph), ({ from }) => from);
  const byName = new Map(graph.resources.map((resource) => [resource.name, resource]));
  const rows = startOrder(graph).map(({ name, wave }) => {
    const resource = byName.get(name);
    const arrows = targets.get(name) ?? [];
    const named = (strength: Strength): string[] => {
      const names = arrows.filter((arrow) => arrow.strength === strength).map(({ to }) => to);
      return names.length === 0 ? [] : [`${strength} ${names.join(", ")}`];
    };
    const words = [...named("needs"), ...named("uses"), ...named("observes")].join("; ");
    return [`${wave}`, name, resource ? kindWords(resource) : "", words] as const;
  });
  const width = (column: 0 | 1 | 2): number => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0);
  const widths = [width(0), width(1), width(2)] as const;
  return rows
    .map(([wave, name, kind, words]) =>
      [wave.padStart(widths[0]), name.padEnd(widths[1]), kind.padEnd(widths[2]), words].join("  ").trimEnd(),
    )
    .join("\n");
}
