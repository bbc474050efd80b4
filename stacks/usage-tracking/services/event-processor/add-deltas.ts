import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import type { Delta, Deltas, VolumeDelta } from "../../rollups/deltas.ts";
import { digitsAt } from "../../rollups/exact-sums.ts";
import { latencyLiteral } from "../../rollups/latency.ts";
import { sumNames, volumeNames } from "../../rollups/measures.ts";
import { addActiveUsers, rowId, type ActiveUser, type ActiveUsers, type TotalUsers } from "./active-users.ts";

type Client = Pick<ClientBase, "query">;

/**
 * Deltas as they are sent. They are written before their turn, while the database is busy: it would wait for every number
 * that is written in between.
 */
export interface WrittenDeltas {
  readonly tenants: readonly number[];
  readonly totals: readonly TotalUsers[];
  /** Values of the upserts; of the totals all but the last two, which are the new users and these latencies. */
  readonly sent: Readonly<Record<"totals" | "models" | "users", readonly unknown[]>> & { readonly latencies: string };
}

const wholeColumns: ReadonlySet<string> = new Set(["events", "errors", "users", "latency_count"]);

/** Writes deltas, but for how many users are new: that only the database can tell. */
export function writeDeltas({ totals, models, users }: Deltas): WrittenDeltas {
  return {
    tenants: [...new Set(models.map(({ tenant }) => tenant))],
    // Without the sums: what is written is not kept twice.
    totals: totals.map(({ tenant, dimension, period, bucket, key, users: active }) => {
      return { tenant, dimension, period, bucket, key, users: active };
    }),
    sent: {
      totals: totalValues(totals),
      latencies: list(totals, ({ latencies }) => `"${latencyLiteral(latencies)}"`),
      models: volumeValues(models, (delta) => [delta.period]),
      users: volumeValues(users, (delta) => [delta.user, delta.cell.id]),
    },
  };
}

/**
 * Adds deltas to the rollups inside the caller's transaction; returns the users that are now known to be active, to be
 * remembered once it has committed.
 */
export async function addDeltas(
  client: Client,
  { totals, sent }: WrittenDeltas,
  known: ActiveUsers,
): Promise<readonly ActiveUser[]> {
  if (totals.length === 0) return [];
  const { members, fresh } = await addActiveUsers(client, totals, known);
  const users = list(totals, fresh.size === 0 ? () => 0 : (total) => fresh.get(rowId(total)) ?? 0);
  await client.query({ ...totalsUpsert, values: [...sent.totals, users, sent.latencies] });
  await client.query({ ...modelUpsert, values: [...sent.models] });
  await client.query({ ...userUpsert, values: [...sent.users] });
  return members;
}

const totalTypes = {
  tenant: "integer",
  dimension: "text",
  period: "text",
  bucket: "timestamptz",
  key: "text",
} as const;
const counted = ["events", ...sumNames] as const;
const totalsUpsert = upsertOf("rollup", totalTypes, [...counted, "users"], {
  // Appended, and joined once in a while: adding slot by slot would cost more than all the rest. A row stays below the 2 kB
  // at which its array would be compressed and moved out with every change; one with more slots than that is joined when
  // it grows to many times as much.
  latency: `case when cardinality(rollup.latency) + cardinality(excluded.latency) <= 192
      or cardinality(rollup.latency) > 192 and cardinality(rollup.latency) + cardinality(excluded.latency) <= 2048
    then rollup.latency || excluded.latency else compact_latency(rollup.latency || excluded.latency) end`,
});

function totalValues(deltas: readonly Delta[]): unknown[] {
  return [
    list(deltas, ({ tenant }) => tenant),
    list(deltas, ({ dimension }) => dimension),
    list(deltas, ({ period }) => period),
    list(deltas, ({ bucket }) => formatInstant(bucket)),
    texts(deltas.map(({ key }) => key)),
    list(deltas, ({ events }) => events),
    ...sumNames.map((_, index) => list(deltas, ({ sums }) => digitsAt(sums, index))),
  ];
}

const cellTypes = { service: "text", provider: "text", model: "text" } as const;
const modelUpsert = upsertOf(
  "rollup_model",
  { tenant: "integer", bucket: "timestamptz", period: "text", ...cellTypes },
  ["events", ...volumeNames],
);
const userUpsert = upsertOf(
  "rollup_user",
  { tenant: "integer", bucket: "timestamptz", user_id: "text", cell: "uuid" },
  ["events", ...volumeNames],
  {},
  cellTypes,
);
const volumeIndexes = volumeNames.map((name) => sumNames.indexOf(name));

function volumeValues(deltas: readonly VolumeDelta[], keyOf: (delta: VolumeDelta) => readonly string[]): unknown[] {
  const keys = deltas.map(keyOf);
  return [
    list(deltas, ({ tenant }) => tenant),
    list(deltas, ({ bucket }) => formatInstant(bucket)),
    ...(keys[0] ?? []).map((_, column) => texts(keys.map((key) => key[column] ?? ""))),
    texts(deltas.map((delta) => delta.cell.service)),
    texts(deltas.map((delta) => delta.cell.provider)),
    texts(deltas.map((delta) => delta.cell.model)),
    list(deltas, ({ events }) => events),
    ...volumeIndexes.map((index) => list(deltas, ({ sums }) => digitsAt(sums, index))),
  ];
}

/** An array literal of any texts. */
function texts(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** An array literal of values that need no escapes: the driver would look for some in each of them. */
function list<T>(items: readonly T[], valueOf: (item: T) => string | number): string {
  return `{${items.map(valueOf).join(",")}}`;
}

interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement that takes an array a column and adds what it finds a row for. */
function upsertOf(
  table: string,
  key: Readonly<Record<string, string>>,
  added: readonly string[],
  merged: Readonly<Record<string, string>> = {},
  fixed: Readonly<Record<string, string>> = {},
): Statement {
  const types: Readonly<Record<string, string>> = {
    ...key,
    ...fixed,
    ...Object.fromEntries(added.map((name) => [name, wholeColumns.has(name) ? "bigint" : "numeric"])),
    ...Object.fromEntries(Object.keys(merged).map((name) => [name, "text"])),
  };
  const names = Object.keys(types);
  const given = names.map((name, index) => `$${index + 1}::${types[name]}[]`).join(", ");
  const shown = names.map((name) => (name in merged ? `${name}::bigint[]` : name)).join(", ");
  const changes = [
    ...added.map((name) => `${name} = ${table}.${name} + excluded.${name}`),
    ...Object.entries(merged).map(([name, value]) => `${name} = ${value}`),
  ];
  return {
    name: `add-${table}`,
    text: `insert into ${table} (${names.join(", ")}) select ${shown} from unnest(${given}) as d (${names.join(", ")})
      on conflict (${Object.keys(key).join(", ")}) do update set ${changes.join(", ")}`,
  };
}
