import type { Strength } from "../model/expression.ts";
import { arrowsOf, kindWords, type Arrow, type Graph } from "./graph.ts";
import { arrange, type Positions } from "./layout/arrange.ts";
import { layersOf, type Cell } from "./layout/layers.ts";

const box = { height: 44, gap: 28, bend: 22, step: 104, padding: 24, letter: 7.4, least: 96 };

// Both schemes in one file: a picture in a README or in the console follows its reader.
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }
  .kind { font-size: 11px; fill: #59636e }
  rect { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.2 }
  .component { fill: #ddf4ff } .job, .schedule, .command { fill: #fff8c5 } .external { stroke-dasharray: 4 3 }
  path { fill: none; stroke: #59636e; stroke-width: 1.4 }
  .uses { stroke-dasharray: 7 4 } .observes { stroke-dasharray: 1.5 4; stroke-linecap: round }
  marker path { fill: #59636e; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .kind { fill: #9198a1 }
    rect { fill: #212830; stroke: #9198a1 } .component { fill: #0c2d4a } .job, .schedule, .command { fill: #3a2f0b }
    path { stroke: #9198a1 } marker path { fill: #9198a1; stroke: none }
  }`;

/**
 * The graph as a picture: boxes in layers, users above what they use; solid arrows gate the start, dashed ones are
 * configuration and network, dotted ones observe. Deterministic, so that it can be kept in a repository.
 */
export function graphSvg(graph: Graph): string {
  const known = new Set(graph.resources.map(({ name }) => name));
  const arrows = arrowsOf(graph).filter(({ from, to }) => known.has(from) && known.has(to));
  const layers = layersOf([...known], arrows);
  const widths = new Map(graph.resources.map((each) => [each.name, boxWidth(each)]));
  const widthOf = (cell: Cell): number => (cell.bend ? box.bend : (widths.get(cell.id) ?? box.least)) + box.gap;
  const places = arrange(layers, widthOf);
  const rows = new Map(layers.cells.flatMap((layer, index) => layer.map((cell) => [cell.id, index] as const)));
  const at: At = {
    x: (id) => box.padding + (places.get(id) ?? 0),
    y: (id) => box.padding + (rows.get(id) ?? 0) * box.step,
  };
  const width = box.padding * 2 + extent(layers.cells.flat(), places, widthOf);
  const height = box.padding * 2 + Math.max(0, layers.cells.length - 1) * box.step + box.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${graph.resources.length} resources and what they depend on</title>`,
    `<style>${style}\n</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    ...layers.routes.map(({ arrow, ids }) => route(arrow, ids, at)),
    ...graph.resources.map((each) => node(each, widths.get(each.name) ?? box.least, at)),
    "</svg>",
    "",
  ].join("\n");
}

interface At {
  readonly x: (id: string) => number;
  /** Upper edge of a cell's row. */
  readonly y: (id: string) => number;
}

function node(resource: Graph["resources"][number], width: number, at: At): string {
  const [x, y] = [at.x(resource.name), at.y(resource.name)];
  const rounding = resource.kind === "component" || resource.kind === "service" ? 6 : box.height / 2;
  return [
    `<rect class="${resource.kind}" x="${x - width / 2}" y="${y}" width="${width}" height="${box.height}" rx="${rounding}"/>`,
    `<text x="${x}" y="${y + 19}">${escape(resource.name)}</text>`,
    `<text class="kind" x="${x}" y="${y + 35}">${escape(kindWords(resource))}</text>`,
  ].join("");
}

/** Leaves a box below and enters the next above (or the other way round, upwards), bending in between. */
function route({ from, to, strength }: Arrow, ids: readonly string[], at: At): string {
  const up = at.y(to) < at.y(from);
  const [leave, enter] = up ? [0, box.height] : [box.height, 0];
  const points = ids.map((id, index): readonly [number, number] => {
    const edge = index === 0 ? leave : index === ids.length - 1 ? enter : box.height / 2;
    return [at.x(id), at.y(id) + edge];
  });
  const d = from === to ? "" : curve(points);
  return `<path class="${strength satisfies Strength}" marker-end="url(#tip)" d="${d}"/>`;
}

function curve(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let [x, y] = first;
  const parts = [`M${x} ${y}`];
  for (const [nextX, nextY] of rest) {
    const middle = Math.round((y + nextY) / 2);
    parts.push(`C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`);
    [x, y] = [nextX, nextY];
  }
  return parts.join("");
}

function boxWidth(resource: Graph["resources"][number]): number {
  const letters = Math.max(resource.name.length, kindWords(resource).length);
  // Even, so that a box has whole pixels on both sides of its middle.
  return Math.max(box.least, 2 * Math.round((letters * box.letter + 24) / 2));
}

function extent(cells: readonly Cell[], places: Positions, widthOf: (cell: Cell) => number): number {
  return cells.reduce((most, cell) => Math.max(most, (places.get(cell.id) ?? 0) + Math.round(widthOf(cell) / 2)), 0);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
