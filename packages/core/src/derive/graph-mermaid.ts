import type { Strength } from "../model/expression.ts";
import type { ResourceKind } from "../model/resource.ts";
import { arrowsOf, kindWords, type Graph } from "./graph.ts";

const shapes: Record<ResourceKind, readonly [open: string, close: string]> = {
  component: ["[(", ")]"],
  service: ["[", "]"],
  job: ["([", "])"],
  schedule: ["([", "])"],
  command: ["([", "])"],
  external: ["{{", "}}"],
};

const arrows: Record<Strength, string> = { needs: "-->", uses: "-.->", observes: "-. observes .->" };

/** The graph as a Mermaid flow chart: solid arrows gate the start, dashed ones do not. */
export function graphMermaid(graph: Graph): string {
  // Names may be words of Mermaid's own (`end`), so nodes go by number.
  const ids = new Map(graph.resources.map(({ name }, index) => [name, `n${index}`]));
  const nodes = graph.resources.map((resource) => {
    const [open, close] = shapes[resource.kind];
    return `  ${ids.get(resource.name) ?? ""}${open}"${resource.name}<br/>${kindWords(resource)}"${close}`;
  });
  const lines = arrowsOf(graph).flatMap(({ from, to, strength }) => {
    const [a, b] = [ids.get(from), ids.get(to)];
    return a === undefined || b === undefined ? [] : [`  ${a} ${arrows[strength]} ${b}`];
  });
  return ["flowchart TD", ...nodes, ...lines, ""].join("\n");
}
