import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import type { Delta } from "../../rollups/deltas.ts";
import { exactSum, valueOf } from "../../rollups/exact-sum.ts";
import { sumNames } from "../../rollups/measures.ts";

const key = ["tenant", "dimension", "period", "bucket", "key"] as const;
const values = ["events", ...sumNames] as const;
const types: Partial<Record<(typeof key)[number] | (typeof values)[number], string>> = {
  tenant: "integer",
  dimension: "text",
  period: "text",
  bucket: "timestamptz",
  key: "text",
  events: "bigint",
  latency_count: "bigint",
};

const columns = [...key, ...values];
const upsert = {
  name: "add-deltas",
  text: `insert into rollup (${columns.join(", ")})
    select * from unnest(${columns.map((name, index) => `$${index + 1}::${types[name] ?? "numeric"}[]`).join(", ")})
    on conflict (${key.join(", ")}) do update set
    ${values.map((name) => `${name} = rollup.${name} + excluded.${name}`).join(", ")}`,
};

/** Adds deltas (sorted by primary key) to the rollups, inside the caller's transaction. */
export async function addDeltas(client: Pick<ClientBase, "query">, deltas: readonly Delta[]): Promise<void> {
  if (deltas.length === 0) return;
  await client.query({
    ...upsert,
    values: [
      deltas.map((delta) => delta.tenant),
      deltas.map((delta) => delta.dimension),
      deltas.map((delta) => delta.period),
      deltas.map((delta) => formatInstant(delta.bucket)),
      deltas.map((delta) => delta.key),
      deltas.map((delta) => delta.events),
      ...sumNames.map((_, index) => deltas.map((delta) => valueOf(delta.sums[index] ?? exactSum()))),
    ],
  });
}
