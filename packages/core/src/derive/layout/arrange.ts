import type { Cell, Layers } from "./layers.ts";

/** Where a cell lies: its middle from the left, in pixels. */
export type Positions = ReadonlyMap<string, number>;

const sweeps = 6;

/**
 * Orders each layer so that arrows cross little, then puts cells near what they are joined with. `widthOf` is what a
 * cell takes up, gaps included. Deterministic: ties keep the order in which cells came.
 */
export function arrange({ cells, routes }: Layers, widthOf: (cell: Cell) => number): Positions {
  const joined = neighbours(routes);
  let order = cells.map((layer) => [...layer]);
  for (let sweep = 0; sweep < sweeps; sweep++) order = sorted(order, joined, sweep % 2 === 0);
  let places = spread(order, widthOf);
  for (let sweep = 0; sweep < sweeps; sweep++) places = pulled(order, places, joined, widthOf);
  const left = order
    .flat()
    .reduce((least, cell) => Math.min(least, (places.get(cell.id) ?? 0) - widthOf(cell) / 2), Infinity);
  return new Map([...places].map(([id, x]) => [id, Math.round(x - left)]));
}

function neighbours(routes: Layers["routes"]): ReadonlyMap<string, readonly string[]> {
  const joined = new Map<string, string[]>();
  const join = (a: string, b: string): void => {
    const list = joined.get(a);
    if (list) list.push(b);
    else joined.set(a, [b]);
  };
  for (const { ids } of routes) {
    for (const [index, id] of ids.entries()) {
      const next = ids[index + 1];
      if (next === undefined) continue;
      join(id, next);
      join(next, id);
    }
  }
  return joined;
}

type Order = readonly (readonly Cell[])[];

/** Each layer by the mean rank of what its cells are joined with in the layer looked at just before. */
function sorted(order: Order, joined: ReadonlyMap<string, readonly string[]>, down: boolean): Cell[][] {
  const rank = new Map(order.flatMap((layer) => layer.map((cell, index) => [cell.id, index] as const)));
  const layerOf = new Map(order.flatMap((layer) => layer.map((cell) => [cell.id, cell.layer] as const)));
  const result = order.map((layer) => [...layer]);
  const indices = [...result.keys()];
  for (const index of down ? indices : indices.reverse()) {
    const layer = result[index] ?? [];
    const towards = down ? index - 1 : index + 1;
    const mean = new Map(
      layer.map((cell) => {
        const ranks = (joined.get(cell.id) ?? []).filter((id) => layerOf.get(id) === towards);
        const sum = ranks.reduce((total, id) => total + (rank.get(id) ?? 0), 0);
        return [cell.id, ranks.length === 0 ? (rank.get(cell.id) ?? 0) : sum / ranks.length];
      }),
    );
    layer.sort((a, b) => (mean.get(a.id) ?? 0) - (mean.get(b.id) ?? 0));
    for (const [position, cell] of layer.entries()) rank.set(cell.id, position);
  }
  return result;
}

/** Side by side, each layer around the same middle. */
function spread(order: Order, widthOf: (cell: Cell) => number): Map<string, number> {
  const places = new Map<string, number>();
  for (const layer of order) {
    const total = layer.reduce((sum, cell) => sum + widthOf(cell), 0);
    let x = -total / 2;
    for (const cell of layer) {
      places.set(cell.id, x + widthOf(cell) / 2);
      x += widthOf(cell);
    }
  }
  return places;
}

/** Moves each cell to the mean of its neighbours as far as the order and the widths of its layer allow. */
function pulled(
  order: Order,
  places: ReadonlyMap<string, number>,
  joined: ReadonlyMap<string, readonly string[]>,
  widthOf: (cell: Cell) => number,
): Map<string, number> {
  const next = new Map(places);
  for (const layer of order) {
    const wish = layer.map((cell) => {
      const ids = joined.get(cell.id) ?? [];
      if (ids.length === 0) return next.get(cell.id) ?? 0;
      return ids.reduce((sum, id) => sum + (next.get(id) ?? 0), 0) / ids.length;
    });
    const fromLeft = pack(layer, wish, widthOf, 1);
    const fromRight = pack([...layer].reverse(), [...wish].reverse(), widthOf, -1).reverse();
    for (const [index, cell] of layer.entries())
      next.set(cell.id, ((fromLeft[index] ?? 0) + (fromRight[index] ?? 0)) / 2);
  }
  return next;
}

/** Wishes, pushed apart in one direction. The mean of both directions keeps the gaps too. */
function pack(
  layer: readonly Cell[],
  wish: readonly number[],
  widthOf: (cell: Cell) => number,
  sign: 1 | -1,
): number[] {
  const packed: number[] = [];
  for (const [index, cell] of layer.entries()) {
    const before = layer[index - 1];
    const least = before ? (packed[index - 1] ?? 0) * sign + (widthOf(before) + widthOf(cell)) / 2 : -Infinity;
    packed.push(Math.max((wish[index] ?? 0) * sign, least) * sign);
  }
  return packed;
}
