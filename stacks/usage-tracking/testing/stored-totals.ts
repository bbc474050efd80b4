import type { ClientBase } from "pg";
import { sumNames, volumeNames } from "../rollups/measures.ts";

const micros = "(extract(epoch from bucket) * 1000000)::bigint";
const whole = (names: readonly string[]): string => `array[${names.join(", ")}]::numeric(60, 0)[]::text[]`;
const volumes = whole(["events", ...volumeNames]);

/** The rows of all totals as the database has them, in the form of `naiveTotals`. */
export async function storedTotals(client: Pick<ClientBase, "query">): Promise<Map<string, readonly bigint[]>> {
  const found = new Map<string, readonly bigint[]>();
  const read = async (text: string): Promise<void> => {
    const { rows } = await client.query<{ of: unknown[]; rest: string; n: string[] }>(text);
    for (const { of, rest, n } of rows) found.set(JSON.stringify(of) + rest, n.map(BigInt));
  };
  const total = `json_build_array(tenant, dimension, period, ${micros}, key) as of`;
  await read(`select ${total}, '' as rest, ${whole(["events", ...sumNames])} as n from rollup`);
  await read(
    `select ${total}, ' slot ' || (e & 2047) as rest, array[sum(e >> 11)]::text[] as n
     from rollup cross join unnest(latency) e group by tenant, dimension, period, bucket, key, e & 2047`,
  );
  await read(
    `select ${total}, ' user ' || user_id as rest, array[sum(e >> 11)]::text[] as n
     from rollup_active cross join unnest(users) e join user_number using (tenant)
     where number = chunk * 128 + (e & 2047) group by tenant, dimension, period, bucket, key, user_id`,
  );
  await read(
    `select json_build_array('model', tenant, period, ${micros}, '', service, provider, model) as of, '' as rest, ${volumes} as n
     from rollup_model`,
  );
  await read(
    `select json_build_array('user', tenant, 'day', ${micros}, user_id, service, provider, model) as of, '' as rest, ${volumes} as n
     from rollup_user`,
  );
  return found;
}
