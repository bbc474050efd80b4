import type { ClientBase } from "pg";
import { formatInstant } from "../../events/instant.ts";
import type { Delta } from "../../rollups/deltas.ts";

/** A row of `rollup`, and who was active in it. */
export type TotalUsers = Pick<Delta, "tenant" | "dimension" | "period" | "bucket" | "key" | "users">;

/** A user in a total: a row of `active_user`. */
export interface ActiveUser {
  readonly total: TotalUsers;
  readonly user: string;
}

/** Users that are known to be in `active_user`; what is in it need not be written again. */
export interface ActiveUsers {
  readonly of: (total: TotalUsers) => ReadonlySet<string> | undefined;
  /** To be called after the commit of what wrote them. */
  readonly remember: (users: readonly ActiveUser[]) => void;
}

/** Most users remembered; beyond that it starts over. */
const mostUsers = 200_000;

/** An empty memory. */
export function createActiveUsers(): ActiveUsers {
  const known = new Map<string, Set<string>>();
  let size = 0;
  return {
    of: (total) => known.get(rowId(total)),
    remember: (users) => {
      for (const { total, user } of users) {
        if (size >= mostUsers) {
          known.clear();
          size = 0;
        }
        const id = rowId(total);
        const set = known.get(id) ?? new Set();
        if (!set.has(user)) size++;
        known.set(id, set.add(user));
      }
    },
  };
}

/** A row of `rollup` as one text. */
export function rowId({ tenant, dimension, period, bucket, key }: Omit<TotalUsers, "users">): string {
  return `${tenant} ${dimension} ${period} ${bucket} ${key}`;
}

const insert = {
  name: "add-active-users",
  text: `with fresh as (
      insert into active_user (tenant, dimension, period, bucket, key, user_id)
      select * from unnest($1::integer[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
      on conflict do nothing returning tenant, dimension, period, bucket, key
    )
    select tenant, dimension, period, (extract(epoch from bucket) * 1000000)::bigint as bucket, key, count(*) as users
    from fresh group by tenant, dimension, period, bucket, key`,
};

// After the insert, in a statement of its own: it has to see rows that another transaction wrote first.
const mark = {
  name: "mark-active-hours",
  text: `update active_user d set hours = d.hours | m.hours
    from (
      select tenant, dimension, date_trunc('day', bucket, 'UTC') as day, key, user_id,
        bit_or(1 << extract(hour from bucket at time zone 'UTC')::integer) as hours
      from unnest($1::integer[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
        as g (tenant, dimension, period, bucket, key, user_id)
      where period = 'hour' group by 1, 2, 3, 4, 5
    ) m
    where d.tenant = m.tenant and d.dimension = m.dimension and d.period = 'day' and d.bucket = m.day and d.key = m.key
      and d.user_id = m.user_id and d.hours & m.hours <> m.hours`,
};

/** Writes the users of totals that are not known yet, and in which hours of their day they were active; returns them, and how many are new in each row, by its id. */
export async function addActiveUsers(
  client: Pick<ClientBase, "query">,
  totals: readonly TotalUsers[],
  known: ActiveUsers,
): Promise<{ readonly members: readonly ActiveUser[]; readonly fresh: ReadonlyMap<string, number> }> {
  const members: ActiveUser[] = [];
  for (const total of totals) {
    if (total.users.size === 0) continue;
    const before = known.of(total);
    for (const user of total.users) if (before?.has(user) !== true) members.push({ total, user });
  }
  if (members.length === 0) return { members, fresh: new Map() };
  const values = [
    members.map(({ total }) => total.tenant),
    members.map(({ total }) => total.dimension),
    members.map(({ total }) => total.period),
    members.map(({ total }) => formatInstant(total.bucket)),
    members.map(({ total }) => total.key),
    members.map(({ user }) => user),
  ];
  const { rows } = await client.query<Pick<Delta, "tenant" | "dimension" | "period" | "key"> & Counted>({
    ...insert,
    values,
  });
  await client.query({ ...mark, values });
  const idOf = (row: (typeof rows)[number]): string =>
    `${row.tenant} ${row.dimension} ${row.period} ${row.bucket} ${row.key}`;
  return { members, fresh: new Map(rows.map((row) => [idOf(row), Number(row.users)])) };
}

interface Counted {
  readonly bucket: string;
  readonly users: string;
}
