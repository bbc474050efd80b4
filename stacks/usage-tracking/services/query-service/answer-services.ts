import { together } from "@caisson/kit";
import { formatInstant } from "../../events/instant.ts";
import { serviceTypes } from "../../events/service-fields.ts";
import { answer, type Answered, type AnswerParts, type Snapshot } from "./answer.ts";
import { currency, money, readCosts, sums } from "./costs.ts";
import { exact } from "./exact-number.ts";
import { readDays, shownRange, type Range, type RangeInput } from "./range.ts";
import { readRanking, readServiceUsers } from "./read-rollups.ts";
import { orRefuse } from "./refuse.ts";

/** Users named for each service. */
const topUsers = 5;

/** Every service of a range of whole days in UTC: how much, at what cost, by how many, and by whom most. */
export async function answerServices(parts: AnswerParts, tenant: number, query: RangeInput): Promise<Answered> {
  const range = orRefuse(readDays(query, parts.now()));
  const shown = shownRange(range);
  const starts = [range.from, range.to] as const;
  return answer(parts, tenant, { query: "services", ...shown }, async (client) => {
    const [services, active, users, [spent = []]] = await together([
      readRanking(client, { tenant, dimension: "service", limit: serviceTypes.length, by: "events" }, starts),
      readServiceUsers(client, tenant, serviceTypes, starts),
      readTopUsers(client, tenant, range),
      readCosts(client, tenant, [starts], "day"),
    ]);
    // Every event has a service, and these are all.
    const events = services.reduce((sum, { total }) => sum + BigInt(total), 0n);
    const costs = sums(spent, ({ service }) => service);
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
