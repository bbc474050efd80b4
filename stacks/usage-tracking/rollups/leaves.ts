import { createHash } from "node:crypto";
import type { Instant } from "../events/instant.ts";
import type { StoredEvent } from "../events/stored-event.ts";
import { addTo, exactSums, type ExactSums } from "./exact-sums.ts";
import { innerMap } from "../maps/inner-map.ts";
import { latencySlot, type Latencies } from "./latency.ts";
import { eachMeasure, latencySum, sumNames } from "./measures.ts";
import { startOf } from "./periods.ts";

/** What costs are told apart by. */
export interface Cell {
  /** A UUID made of the three names: the key of `rollup_user`. */
  readonly id: string;
  readonly service: string;
  readonly provider: string;
  /** '' where the service has no models. */
  readonly model: string;
}

/** What the events of one tenant, hour, cell and user add up to: no total is of less. */
export interface Leaf {
  readonly tenant: number;
  readonly hour: Instant;
  readonly cell: Cell;
  readonly user: string | undefined;
  events: number;
  readonly sums: ExactSums;
  readonly latencies: Latencies;
}

/** The leaves of one tenant, hour and cell: one a user. */
export interface Twig extends Pick<Leaf, "tenant" | "hour" | "cell"> {
  readonly leaves: Iterable<Leaf>;
}

/** Leaves as they grow: each event is looked up and added once, however many totals it goes to. */
export interface Leaves {
  readonly add: (tenant: number, event: StoredEvent) => void;
  readonly all: () => Iterable<Twig>;
}

/** No leaves yet. */
export function createLeaves(): Leaves {
  const cells: Cells = new Map();
  const groups = new Map<number, Map<Instant, Map<Cell, Map<string | undefined, Leaf>>>>();
  return {
    add: (tenant, event) => {
      const hour = startOf("hour", event.at);
      const cell = cellOf(cells, event);
      const byUser = innerMap(innerMap(innerMap(groups, tenant), hour), cell);
      let leaf = byUser.get(event.user);
      if (!leaf) {
        const sums = exactSums(sumNames.length);
        leaf = { tenant, hour, cell, user: event.user, events: 0, sums, latencies: new Map() };
        byUser.set(event.user, leaf);
      }
      count(leaf, event);
    },
    all: function* () {
      for (const [tenant, hours] of groups)
        for (const [hour, byCell] of hours)
          for (const [cell, byUser] of byCell) yield { tenant, hour, cell, leaves: byUser.values() };
    },
  };
}

function count(leaf: Leaf, event: StoredEvent): void {
  leaf.events++;
  eachMeasure(event, (sum, value) => {
    addTo(leaf.sums, sum, value);
    if (sum !== latencySum) return;
    const slot = latencySlot(value);
    leaf.latencies.set(slot, (leaf.latencies.get(slot) ?? 0) + 1);
  });
}

type Cells = Map<string, Map<string, Map<string, Cell>>>;

function cellOf(cells: Cells, event: StoredEvent): Cell {
  const { service, provider } = event;
  const name = service === "llm_service" ? event.metadata["model"] : "";
  const model = typeof name === "string" ? name : "";
  const models = innerMap(innerMap(cells, service), provider);
  let cell = models.get(model);
  if (!cell) {
    cell = { id: cellId(service, provider, model), service, provider, model };
    models.set(model, cell);
  }
  return cell;
}

/** No name holds a U+0000. */
function cellId(...names: readonly [service: string, provider: string, model: string]): string {
  const hash = createHash("sha256").update(names.join("\0")).digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join("-");
}
