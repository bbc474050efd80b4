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
  readonly routes: readonly { readonly arrow: Arrow; readonly ids: readonly string[]; readonly backwards: boolean }[];
}

/** More bends than this make no picture that anybody reads; arrows then run straight. */
const mostBends = 4000;

/** Puts each resource below everything that uses it. Arrows that would close a circle run backwards. */
export function layersOf(names: readonly string[], arrows: readonly Arrow[]): Layers {
  const forward = withoutCircles(names, arrows);
  const layer = depths(names, [...forward]);
  const directed = arrows.map((arrow) => ({ arrow, backwards: !forward.has(arrow) }));
  const spans = directed.map(({ arrow: { from, to } }) => Math.abs((layer.get(to) ?? 0) - (layer.get(from) ?? 0)));
  const bends = spans.reduce((sum, span) => sum + Math.max(0, span - 1), 0) <= mostBends;
  const cells: Cell[][] = [];
  const put = (cell: Cell): void => void (cells[cell.layer] ??= []).push(cell);
  for (const name of names) put({ id: name, bend: false, layer: layer.get(name) ?? 0 });
  const routes = directed.map(({ arrow, backwards }, index) => {
    const [start, end] = [layer.get(arrow.from) ?? 0, layer.get(arrow.to) ?? 0];
    const step = Math.sign(end - start);
    const ids = [arrow.from];
    for (let at = start + step; bends && step !== 0 && at !== end; at += step) {
      const id = `${index}:${at}`;
      put({ id, bend: true, layer: at });
      ids.push(id);
    }
    return { arrow, ids: [...ids, arrow.to], backwards };
  });
  return { cells: Array.from(cells, (each) => each ?? []), routes };
}

/** Depth first in the order given; an arrow back to where we came from is left out. */
function withoutCircles(names: readonly string[], arrows: readonly Arrow[]): Set<Arrow> {
  const out = Map.groupBy(arrows, ({ from }) => from);
  const state = new Map<string, "open" | "done">();
  const forward = new Set<Arrow>();
  for (const start of names) {
    if (state.has(start)) continue;
    const path = [{ name: start, rest: (out.get(start) ?? [])[Symbol.iterator]() }];
    state.set(start, "open");
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        state.set(top.name, "done");
        path.pop();
        continue;
      }
      const { to } = next.value;
      if (state.get(to) === "open") continue;
      forward.add(next.value);
      if (state.has(to)) continue;
      state.set(to, "open");
      path.push({ name: to, rest: (out.get(to) ?? [])[Symbol.iterator]() });
    }
  }
  return forward;
}

/** Layer numbers from the top; what uses nothing lies at the bottom, everything else right above what it uses. */
function depths(names: readonly string[], forward: readonly Arrow[]): Map<string, number> {
  const out = Map.groupBy(forward, ({ from }) => from);
  const height = new Map<string, number>();
  for (const name of topological(names, (each) => (out.get(each) ?? []).map(({ to }) => to))) {
    const below = (out.get(name) ?? []).reduce((most, { to }) => Math.max(most, (height.get(to) ?? -1) + 1), 0);
    height.set(name, below);
  }
  const top = [...height.values()].reduce((most, each) => Math.max(most, each), 0);
  return new Map([...height].map(([name, each]) => [name, top - each]));
}
