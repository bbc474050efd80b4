import type { Arrow } from "../graph.ts";
import { topological } from "../topological.ts";

/** A place in a layer: a resource, or a bend of an arrow that passes the layer. */
export interface Cell {
  readonly id: string;
  readonly bend: boolean;
  readonly layer: number;
}

/** Cells by layer, users above what they use, and the steps between neighbouring layers. */
export interface Layers {
  readonly cells: readonly (readonly Cell[])[];
  /** Cell ids along each arrow, from user to used; as long as the arrow passes layers. */
  readonly routes: readonly { readonly arrow: Arrow; readonly ids: readonly string[] }[];
}

/** More bends than this make no picture that anybody reads; arrows then run straight. */
const mostBends = 4000;

/** Puts each resource below everything that uses it; an arrow that closes a circle runs upwards. */
export function layersOf(names: readonly string[], arrows: readonly Arrow[]): Layers {
  const layer = depths(names, arrows);
  const spanOf = ({ from, to }: Arrow): number => (layer.get(to) ?? 0) - (layer.get(from) ?? 0);
  const bends = arrows.reduce((sum, arrow) => sum + Math.max(0, Math.abs(spanOf(arrow)) - 1), 0) <= mostBends;
  const cells: Cell[][] = [];
  const put = (cell: Cell): void => void (cells[cell.layer] ??= []).push(cell);
  for (const name of names) put({ id: name, bend: false, layer: layer.get(name) ?? 0 });
  const routes = arrows.map((arrow, index) => {
    const step = Math.sign(spanOf(arrow));
    const end = layer.get(arrow.to) ?? 0;
    const ids = [arrow.from];
    for (let at = (layer.get(arrow.from) ?? 0) + step; bends && step !== 0 && at !== end; at += step) {
      const id = `${index}:${at}`;
      put({ id, bend: true, layer: at });
      ids.push(id);
    }
    return { arrow, ids: [...ids, arrow.to] };
  });
  return { cells: Array.from(cells, (each) => each ?? []), routes };
}

/** Layer numbers from the top; what uses nothing lies at the bottom, everything else right above what it uses. */
function depths(names: readonly string[], arrows: readonly Arrow[]): Map<string, number> {
  const out = Map.groupBy(arrows, ({ from }) => from);
  const height = new Map<string, number>();
  for (const name of topological(names, (each) => (out.get(each) ?? []).map(({ to }) => to))) {
    // What has no height yet is above: the arrow to it closes a circle.
    const below = (out.get(name) ?? []).reduce((most, { to }) => Math.max(most, (height.get(to) ?? -1) + 1), 0);
    height.set(name, below);
  }
  const top = [...height.values()].reduce((most, each) => Math.max(most, each), 0);
  return new Map([...height].map(([name, each]) => [name, top - each]));
}
