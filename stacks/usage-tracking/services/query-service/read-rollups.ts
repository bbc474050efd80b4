import type { ClientBase } from "pg";
import type { Instant } from "../../events/instant.ts";
import { activeOf, countUsers, type UserCounts } from "./count-users.ts";
import type { MeasuresRow } from "./measures.ts";
import {
  activeUsersStatement,
  eventsStatement,
  groupsStatement,
  looksAt,
  rankingStatement,
  seriesStatement,
  usersOfGroupsStatement,
  usersStatement,
  type GroupsQuestion,
  type Looks,
  type NamedStatement,
  type Subject,
} from "./rollup-sql.ts";
import { addRow, addSum, clearSum, emptySum, hitsOf, measuresRowOf, type HitRow } from "./sum-rows.ts";

/** Measures of a range: of all of it, and of each of its buckets. */
export interface Series {
  readonly totals: MeasuresRow;
  readonly buckets: readonly MeasuresRow[];
}

type Client = Pick<ClientBase, "query">;

/** The series of a subject over buckets that follow each other. `client` has one snapshot: numbers must fit together. */
export async function readSeries(client: Client, subject: Subject, starts: readonly Instant[]): Promise<Series> {
  const looks = looksAt(starts);
  const statement = seriesStatement(subject, looks);
  const { tenant, dimension, key } = subject;
  const [{ rows }, users] = await Promise.all([
    client.query<{ rows: string | null }>({ ...statement, values: [...statement.values] }),
    dimension === "user"
      ? () => undefined
      : readUsers(client, usersStatement({ tenant, dimension, keys: [key] }, looks), looks, starts),
  ]);
  return seriesOf(hitsOf(rows[0]?.rows ?? null), looks, starts, users(key));
}

/** How many events a subject has in each bucket. */
export async function readEvents(client: Client, subject: Subject, starts: readonly Instant[]): Promise<bigint[]> {
  const looks = looksAt(starts);
  const statement = eventsStatement(subject, looks);
  const { rows } = await client.query<{ rows: string | null }>({ ...statement, values: [...statement.values] });
  const counts = starts.slice(1).map(() => 0n);
  for (const line of rows[0]?.rows?.split("\n") ?? []) {
    const [nth, events = "0"] = line.split(" ");
    for (const { index, sign } of looks.stretches[Number(nth)]?.uses ?? []) {
      counts[index] = (counts[index] ?? 0n) + BigInt(sign) * BigInt(events);
    }
  }
  return counts;
}

/** The busiest keys of a dimension with their series, one more than `limit` where there are more. */
export async function readGroups(
  client: Client,
  question: GroupsQuestion,
  starts: readonly Instant[],
): Promise<readonly (Series & { readonly key: string })[]> {
  const { dimension } = question;
  const looks = looksAt(starts);
  const statement = groupsStatement(question, looks);
  const [{ rows }, users] = await Promise.all([
    client.query<KeyRows>({ ...statement, values: [...statement.values] }),
    dimension === "user"
      ? () => undefined
      : readUsers(client, usersOfGroupsStatement({ ...question, dimension }, looks), looks, starts),
  ]);
  return rows.map(({ key, rows: own }) => ({ key, ...seriesOf(hitsOf(own), looks, starts, users(key)) }));
}

/** The busiest keys alone, and what they are ranked by; one more than `limit` where there are more. */
export async function readRanking(
  client: Client,
  question: GroupsQuestion,
  starts: readonly Instant[],
): Promise<readonly { readonly key: string; readonly total: string }[]> {
  const statement = rankingStatement(question, looksAt(starts));
  return (await client.query<{ key: string; total: string }>({ ...statement, values: [...statement.values] })).rows;
}

/** A user of a key of a dimension, with the number of its events there, and how many users that key has in all. */
export interface RankedUser {
  readonly key: string;
  readonly users: string;
  readonly user_id: string;
  readonly events: string;
}

/** The users with the most events of each key of a dimension, at most `limit` of each. */
export async function readActiveUsers(
  client: Client,
  question: Parameters<typeof activeUsersStatement>[0],
  starts: readonly Instant[],
): Promise<readonly RankedUser[]> {
  const statement = activeUsersStatement(question, looksAt(starts));
  return (await client.query<RankedUser & Record<string, unknown>>({ ...statement, values: [...statement.values] }))
    .rows;
}

async function readUsers(
  client: Client,
  statement: NamedStatement,
  { stretches }: Looks,
  starts: readonly Instant[],
): Promise<(key: string) => UserCounts | undefined> {
  const { rows } = await client.query<KeyRows>({ ...statement, values: [...statement.values] });
  const byKey = new Map(rows.map(({ key, rows: own }) => [key, own]));
  return (key) => {
    const own = byKey.get(key);
    return countUsers(own === undefined ? [] : activeOf(own), stretches, starts.length - 1);
  };
}

/** What was read of a key: a line a row. */
interface KeyRows {
  readonly key: string;
  readonly rows: string;
}

function seriesOf(
  rows: readonly HitRow[],
  { stretches }: Looks,
  starts: readonly Instant[],
  users: UserCounts | undefined,
): Series {
  const parts = rows.flatMap((row) => (stretches[row.nth]?.uses ?? []).map((use) => ({ ...use, row })));
  const byIndex = Map.groupBy(parts, ({ index }) => index);
  // One sum for all buckets in turn: each is large.
  const [all, sum] = [emptySum(), emptySum()];
  const buckets = starts.slice(1).map((_, index) => {
    clearSum(sum);
    for (const { row, sign } of byIndex.get(index) ?? []) addRow(sum, row, sign);
    addSum(all, sum);
    return measuresRowOf(sum, users?.buckets[index]);
  });
  return { totals: measuresRowOf(all, users?.whole), buckets };
}
