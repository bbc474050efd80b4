import type { ClientBase } from "pg";
import { innerMap } from "../../maps/inner-map.ts";

/** A user of a tenant and the number it is counted under. */
export interface NumberedUser {
  readonly tenant: number;
  readonly user: string;
  readonly number: number;
}

/** Numbers of users that are known to be committed: they never change. */
export interface UserNumbers {
  readonly of: (tenant: number) => ReadonlyMap<string, number> | undefined;
  /** To be called after the commit of what wrote them. */
  readonly remember: (users: readonly NumberedUser[]) => void;
}

/** Most users remembered; beyond that it starts over. */
const mostUsers = 200_000;

/** An empty memory. */
export function createUserNumbers(): UserNumbers {
  const known = new Map<number, Map<string, number>>();
  let size = 0;
  return {
    of: (tenant) => known.get(tenant),
    remember: (users) => {
      for (const { tenant, user, number } of users) {
        if (size >= mostUsers) {
          known.clear();
          size = 0;
        }
        const own = innerMap(known, tenant);
        if (!own.has(user)) size++;
        own.set(user, number);
      }
    },
  };
}

// Of two that number users of one tenant the second waits, and then sees what the first one wrote: in a statement of its own.
const lock = {
  name: "lock-user-numbers",
  text: "select from tenant where id = any($1::integer[]) order by id for no key update",
};

const assign = {
  name: "number-users",
  text: `with given as (select * from unnest($1::integer[], $2::text[]) as g (tenant, user_id)),
    old as (select tenant, user_id, number from given join user_number using (tenant, user_id)),
    next as (
      select tenant, coalesce((select max(number) + 1 from user_number u where u.tenant = g.tenant), 0) as number
      from (select distinct tenant from given) g
    ),
    fresh as (
      insert into user_number (tenant, user_id, number)
      select tenant, user_id, next.number + row_number() over (partition by tenant order by user_id) - 1
      from given join next using (tenant) where (tenant, user_id) not in (select tenant, user_id from old)
      returning tenant, user_id, number
    )
    select tenant, user_id as user, number from old union all select tenant, user_id, number from fresh`,
};

/** The numbers of users by tenant, inside the caller's transaction; who has none is given the next. Returns those that were not known, too. */
export async function numberUsers(
  client: Pick<ClientBase, "query">,
  users: ReadonlyMap<number, ReadonlySet<string>>,
  known: UserNumbers,
): Promise<{
  readonly numberOf: (tenant: number, user: string) => number;
  readonly found: readonly NumberedUser[];
}> {
  const unknown = [...users].flatMap(([tenant, own]) => {
    const before = known.of(tenant);
    return [...own].flatMap((user) => (before?.has(user) === true ? [] : { tenant, user }));
  });
  const found = unknown.length === 0 ? [] : await ask(client, unknown);
  const asked = new Map<number, Map<string, number>>();
  for (const { tenant, user, number } of found) innerMap(asked, tenant).set(user, number);
  return {
    numberOf: (tenant, user) => {
      const number = known.of(tenant)?.get(user) ?? asked.get(tenant)?.get(user);
      if (number === undefined) throw new Error(`expected a user of tenant ${tenant} to have a number`);
      return number;
    },
    found,
  };
}

async function ask(
  client: Pick<ClientBase, "query">,
  unknown: readonly Omit<NumberedUser, "number">[],
): Promise<readonly NumberedUser[]> {
  const tenants = unknown.map(({ tenant }) => tenant);
  await client.query({ ...lock, values: [[...new Set(tenants)]] });
  const values = [tenants, unknown.map(({ user }) => user)];
  return (await client.query<NumberedUser & Record<string, unknown>>({ ...assign, values })).rows;
}
