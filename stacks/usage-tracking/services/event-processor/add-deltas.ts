import type { ClientBase } from "pg";
import { formatInstant, type Instant } from "../../events/instant.ts";
import type { Delta, Deltas, VolumeDelta } from "../../rollups/deltas.ts";
import { digitsAt } from "../../rollups/exact-sums.ts";
import { innerSet } from "../../maps/inner-map.ts";
import { latencyLiteral } from "../../rollups/latency.ts";
import { sumNames, volumeNames } from "../../rollups/measures.ts";
import { activeRows, type ActiveRow, type ActiveTotal } from "./active-rows.ts";
import { numberUsers, type NumberedUser, type UserNumbers } from "./user-numbers.ts";

type Client = Pick<ClientBase, "query">;

/**
 * Deltas as they are sent. They are written before their turn, while the database is busy: it would wait for every number
 * that is written in between.
 */
export interface WrittenDeltas {
  readonly tenants: readonly number[];
  readonly months: ReadonlySet<Instant>;
  /** Totals that users are counted in: those are written once their numbers are known. */
  readonly active: readonly ActiveTotal[];
  /** Values of the upserts. */
  readonly sent: Readonly<Record<"totals" | "models" | "users", readonly unknown[]>>;
}

const wholeColumns: ReadonlySet<string> = new Set(["events", "errors", "latency_count"]);

/** Writes deltas, but for the users that were active: their numbers only the database can tell. */
export function writeDeltas({ totals, models, users }: Deltas): WrittenDeltas {
  return {
    tenants: [...new Set(models.map(({ tenant }) => tenant))],
    months: new Set(totals.flatMap(({ period, bucket }) => (period === "month" ? bucket : []))),
    // Without the sums: what is written is not kept twice.
    active: totals
      .filter((total) => total.users.size > 0)
      .map(({ tenant, dimension, period, bucket, key, users: active }) => {
        return { tenant, dimension, period, bucket, key, users: active };
      }),
    sent: {
      totals: totalValues(totals),
      models: volumeValues(models, (delta) => [delta.period]),
      users: volumeValues(users, (delta) => [delta.user, delta.cell.id]),
    },
  };
}

/**
 * Adds deltas to the rollups inside the caller's transaction; returns the users whose numbers are to be remembered once it
 * has committed.
 */
export async function addDeltas(
  client: Client,
  { tenants, active, sent }: WrittenDeltas,
  known: UserNumbers,
): Promise<readonly NumberedUser[]> {
  if (tenants.length === 0) return [];
  const { numberOf, found } = await numberUsers(client, usersOf(active), known);
  if (active.length > 0) await client.query({ ...activeUpsert, values: activeValues(activeRows(active, numberOf)) });
  await client.query({ ...totalsUpsert, values: [...sent.totals] });
  await client.query({ ...modelUpsert, values: [...sent.models] });
  await client.query({ ...userUpsert, values: [...sent.users] });
  return found;
}

/** Users by tenant: every event with one counts in one month of everything. */
function usersOf(active: readonly ActiveTotal[]): Map<number, Set<string>> {
  const users = new Map<number, Set<string>>();
  for (const total of active) {
    if (total.dimension !== "all" || total.period !== "month") continue;
    const own = innerSet(users, total.tenant);
    for (const user of total.users.keys()) own.add(user);
  }
  return users;
}

const totalTypes = {
  tenant: "integer",
  dimension: "text",
  period: "text",
  bucket: "timestamptz",
  key: "text",
} as const;
const counted = ["events", ...sumNames] as const;
const totalsUpsert = upsertOf("rollup", totalTypes, [...counted], {
  // A row stays below the 2 kB at which its array would be compressed and moved out with every change; one with more slots
  // than that is joined when it grows to many times as much.
  latency: `case when cardinality(rollup.latency) + cardinality(excluded.latency) <= 192
      or cardinality(rollup.latency) > 192 and cardinality(rollup.latency) + cardinality(excluded.latency) <= 2048
    then rollup.latency || excluded.latency else ${joined("rollup.latency || excluded.latency")} end`,
});
const activeUpsert = upsertOf("rollup_active", { ...totalTypes, chunk: "integer" }, [], {
  // No row has more than its chunk of users.
  users: `case when cardinality(rollup_active.users) + cardinality(excluded.users) <= 192
    then rollup_active.users || excluded.users else ${joined("rollup_active.users || excluded.users")} end`,
});

/**
 * Counts by slot as `compact_counts` has them, in no order. Batches append, and join once in a while: adding slot by slot
 * would cost more than all the rest. Part of its statement, for a function that is called has its query started anew for
 * each row; summed as doubles, exact up to 2^53, where PostgreSQL adds bigint up as numeric.
 */
function joined(counts: string): string {
  return `(select array_agg(n * 2048 + slot) from (
      select e & 2047 as slot, sum((e >> 11)::float8)::bigint as n
      from (select unnest(${counts}) as e offset 0) elements group by 1
    ) slots)`;
}

function activeValues(rows: readonly ActiveRow[]): unknown[] {
  return [
    ...totalKeys(rows.map(({ total }) => total)),
    list(rows, ({ chunk }) => chunk),
    list(rows, ({ users }) => `"{${users.join(",")}}"`),
  ];
}

function totalValues(deltas: readonly Delta[]): unknown[] {
  return [
    ...totalKeys(deltas),
    list(deltas, ({ events }) => events),
    ...sumNames.map((_, index) => list(deltas, ({ sums }) => digitsAt(sums, index))),
    list(deltas, ({ latencies }) => `"${latencyLiteral(latencies)}"`),
  ];
}

function totalKeys(totals: readonly Pick<Delta, keyof typeof totalTypes>[]): unknown[] {
  return [
    list(totals, ({ tenant }) => tenant),
    list(totals, ({ dimension }) => dimension),
    list(totals, ({ period }) => period),
    list(totals, ({ bucket }) => formatInstant(bucket)),
    texts(totals.map(({ key }) => key)),
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
