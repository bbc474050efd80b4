import { serviceTypes } from "../../events/service-fields.ts";
import { answer, type Answered, type AnswerParts } from "./answer.ts";
import { currency, money, readCosts, sums } from "./costs.ts";
import { exact } from "./exact-number.ts";
import { readDays, shownRange, type RangeInput } from "./range.ts";
import { readActiveUsers, readRanking } from "./read-rollups.ts";
import { orRefuse } from "./refuse.ts";

/** Users named for each service. */
const topUsers = 5;

/** Every service of a range of whole days in UTC: how much, at what cost, by how many, and by whom most. */
export async function answerServices(parts: AnswerParts, tenant: number, query: RangeInput): Promise<Answered> {
  const range = orRefuse(readDays(query, parts.now()));
  const shown = shownRange(range);
  return answer(parts, tenant, { query: "services", ...shown }, async (client) => {
    const starts = [range.from, range.to];
    const [services, active, [spent = []]] = await Promise.all([
      readRanking(client, { tenant, dimension: "service", limit: serviceTypes.length, by: "events" }, starts),
      readActiveUsers(client, { tenant, dimension: "service", limit: topUsers }, starts),
      readCosts(client, tenant, [starts], "day"),
    ]);
    const events = services.reduce((sum, { total }) => sum + BigInt(total), 0n);
    const costs = sums(spent, ({ service }) => service);
    const users = Map.groupBy(active, ({ key }) => key);
    return {
      ...shown,
      currency,
      event_count: exact(String(events)),
      services: services.map(({ key, total }) => ({
        service_type: key,
        event_count: exact(total),
        percentage_of_total: (Number(total) / Number(events)) * 100,
        unique_users: exact(users.get(key)?.[0]?.users ?? "0"),
        total_cost: money(costs.get(key) ?? 0n),
        top_users: (users.get(key) ?? []).map(({ user_id, events: own }) => ({ user_id, event_count: exact(own) })),
      })),
    };
  });
}
