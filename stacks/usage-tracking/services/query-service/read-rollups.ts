import { together } from "@caisson/kit";
import type { ClientBase } from "pg";
import type { Instant } from "../../events/instant.ts";
import type { Dimension } from "../../rollups/deltas.ts";
import type { MeasuresRow } from "./measures.ts";
import {
  groupsStatement,
  isOneRowEach,
  rankingStatement,
  seriesStatement,
  usersStatement,
  whole,
  type GroupsQuestion,
  type Subject,
} from "./rollup-sql.ts";
import { addRow, addSum, emptySum, measuresRowOf, type HitRow } from "./sum-rows.ts";

/** Measures of a range: of all of it, and of each of its buckets. */
export interface Series {
  readonly totals: MeasuresRow;
  readonly buckets: readonly MeasuresRow[];
}

type Client = Pick<ClientBase, "query">;

/** The series of a subject over buckets that follow each other. `client` has one snapshot: numbers must fit together. */
export async function readSeries(client: Client, subject: Subject, starts: readonly Instant[]): Promise<Series> {
  const statement = seriesStatement(subject, starts);
  const { tenant, dimension, key } = subject;
  const [{ rows }, users] = await together([
    client.query<HitRow>({ ...statement, values: [...statement.values] }),
    readUsers(client, tenant, dimension, [key], starts),
  ]);
  return seriesOf(rows, starts, users(key));
}

/** The busiest keys of a dimension with their series, one more than `limit` where there are more. */
export async function readGroups(
  client: Client,
  question: GroupsQuestion,
  starts: readonly Instant[],
): Promise<readonly (Series & { readonly key: string })[]> {
  const statement = groupsStatement(question, starts);
  const { rows } = await client.query<HitRow & { readonly key: string }>({
    ...statement,
    values: [...statement.values],
  });
  const byKey = Map.groupBy(rows, (row) => row.key);
  const users = await readUsers(client, question.tenant, question.dimension, [...byKey.keys()], starts);
  return [...byKey].map(([key, own]) => ({ key, ...seriesOf(own, starts, users(key)) }));
}

/** The busiest keys alone, and what they are ranked by; one more than `limit` where there are more. */
export async function readRanking(
  client: Client,
  question: GroupsQuestion,
  starts: readonly Instant[],
): Promise<readonly { readonly key: string; readonly total: string }[]> {
  const statement = rankingStatement(question, starts);
  return (await client.query<{ key: string; total: string }>({ ...statement, values: [...statement.values] })).rows;
}

/** How many different users each of some services had in a range. */
export async function readServiceUsers(
  client: Client,
  tenant: number,
  services: readonly string[],
  starts: readonly [from: Instant, to: Instant],
): Promise<(service: string) => string> {
  const users = await readUsers(client, tenant, "service", services, starts);
  return (service) => users(service)(undefined, whole) ?? "0";
}

type UsersOf = (row: HitRow | undefined, index: number) => string | undefined;

async function readUsers(
  client: Client,
  tenant: number,
  dimension: Dimension,
  keys: readonly string[],
  starts: readonly Instant[],
): Promise<(key: string) => UsersOf> {
  if (dimension === "user") return () => () => undefined;
  const statement = usersStatement({ tenant, dimension, keys }, starts);
  const { rows } = await client.query<{ i: number; key: string; users: string }>({
    ...statement,
    values: [...statement.values],
  });
  const counted = new Map(rows.map(({ i, key, users }) => [`${i} ${key}`, users]));
  const kept = isOneRowEach(starts);
  return (key) => (row, index) => (kept && index !== whole ? row?.users : counted.get(`${index} ${key}`)) ?? "0";
}

function seriesOf(rows: readonly HitRow[], starts: readonly Instant[], usersOf: UsersOf): Series {
  const all = emptySum();
  const byIndex = Map.groupBy(rows, ({ i }) => i);
  const buckets = starts.slice(1).map((_, index) => {
    const own = byIndex.get(index) ?? [];
    const sum = emptySum();
    for (const row of own) addRow(sum, row);
    addSum(all, sum);
    return measuresRowOf(sum, usersOf(own[0], index));
  });
  return { totals: measuresRowOf(all, usersOf(undefined, whole)), buckets };
}
