import { formatInstant } from "../../events/instant.ts";
import { answer, type Answered, type AnswerParts, type Asker, type Snapshot } from "./answer.ts";
import { costsIn, currency, money, sums } from "./costs.ts";
import { exact } from "./exact-number.ts";
import { readDays, shownRange, type Range, type RangeInput } from "./range.ts";
import { readRanking, readServiceUsers } from "./read-rollups.ts";
import { orRefuse } from "./refuse.ts";

/** Users named for each service. */
const topUsers = 5;

/** Every service of a range of whole days in UTC: how much, at what cost, by how many, and by whom most. */
export async function answerServices(parts: AnswerParts, asker: Asker, query: RangeInput): Promise<Answered> {
  const range = orRefuse(readDays(query, parts.now()));
  const shown = shownRange(range);
  const starts = [range.from, range.to] as const;
  const { tenant } = asker;
  return answer(parts, asker, { query: "services", ...shown }, async (client) => {
    const services = await readRanking(client, { tenant, dimension: "service", limit: 10, by: "events" }, starts);
    // Every event has a service, and there are fewer kinds than ten.
    const events = services.reduce((sum, { total }) => sum + BigInt(total), 0n);
    const names = services.map(({ key }) => key);
    const active = await readServiceUsers(client, tenant, names, starts);
    const users = await readTopUsers(client, tenant, range);
    const costs = sums(await costsIn(client, tenant, starts, "day"), ({ service }) => service);
    return {
      ...shown,
      currency,
      event_count: exact(String(events)),
      services: services.map(({ key, total }) => ({
        service_type: key,
        event_count: exact(total),
        percentage_of_total: (Number(total) / Number(events)) * 100,
        unique_users: exact(active(key)),
        total_cost: money(costs.get(key) ?? 0n),
        top_users: users.get(key) ?? [],
      })),
    };
  });
}

async function readTopUsers(
  client: Snapshot,
  tenant: number,
  { from, to }: Range,
): Promise<Map<string, readonly { readonly user_id: string; readonly event_count: object | number }[]>> {
  const { rows } = await client.query<{ service: string; user_id: string; events: string }>({
    name: "top-users-of-services",
    text: `select service, user_id, events::text from (
       select service, user_id, sum(events) as events,
         row_number() over (partition by service order by sum(events) desc, user_id collate "C") as nth
       from rollup_user where tenant = $1 and bucket >= $2 and bucket < $3 and user_id <> '' group by service, user_id
     ) ranked where nth <= ${topUsers} order by service, nth`,
    values: [tenant, formatInstant(from), formatInstant(to)],
  });
  const byService = Map.groupBy(rows, ({ service }) => service);
  return new Map(
    [...byService].map(([service, own]) => [
      service,
      own.map(({ user_id, events }) => ({ user_id, event_count: exact(events) })),
    ]),
  );
}
