import { together } from "@caisson/kit";
import { formatInstant } from "../../events/instant.ts";
import { answer, type Answered, type AnswerParts, type Snapshot } from "./answer.ts";
import { currency, money, readCosts, sums } from "./costs.ts";
import { exact } from "./exact-number.ts";
import { readDays, shownRange, type Range, type RangeInput } from "./range.ts";
import { orRefuse } from "./refuse.ts";

/** Users named for each service. */
const topUsers = 5;

/** Every service of a range of whole days in UTC: how much, at what cost, by how many, and by whom most. */
export async function answerServices(parts: AnswerParts, tenant: number, query: RangeInput): Promise<Answered> {
  const range = orRefuse(readDays(query, parts.now()));
  const shown = shownRange(range);
  return answer(parts, tenant, { query: "services", ...shown }, async (client) => {
    const [services, [spent = []]] = await together([
      readServices(client, tenant, range),
      readCosts(client, tenant, [[range.from, range.to]], "day"),
    ]);
    const events = services.reduce((sum, { total }) => sum + BigInt(total), 0n);
    const costs = sums(spent, ({ service }) => service);
    return {
      ...shown,
      currency,
      event_count: exact(String(events)),
      services: services.map(({ service, total, users, top }) => ({
        service_type: service,
        event_count: exact(total),
        percentage_of_total: (Number(total) / Number(events)) * 100,
        unique_users: exact(users),
        total_cost: money(costs.get(service) ?? 0n),
        top_users: top,
      })),
    };
  });
}

interface ServiceRow {
  readonly service: string;
  readonly total: string;
  /** Different users; events without one are counted and are nobody's. */
  readonly users: string;
  readonly user_id: string;
  readonly events: string;
}

interface Service extends Pick<ServiceRow, "service" | "total" | "users"> {
  readonly top: readonly object[];
}

/**
 * Services, the busiest first. One look at what each user used of each: it has the totals, too. As pieces, of which there is
 * one: a plan for any range is guessed to be of few rows, and sorts all of them.
 */
async function readServices(client: Snapshot, tenant: number, { from, to }: Range): Promise<Service[]> {
  const { rows } = await client.query<ServiceRow>({
    name: "services",
    text: `select service, total::text, users::text, user_id, events::text from (
       select service, user_id, events, sum(events) over service as total,
         count(*) filter (where user_id <> '') over service as users,
         row_number() over (partition by service order by user_id = '', events desc, user_id collate "C") as nth
       from (
         select service, user_id, sum(events) as events
         from unnest($2::timestamptz[], $3::timestamptz[]) as p (lo, hi) cross join lateral (
           select service, user_id, events from rollup_user
           where tenant = $1 and bucket >= p.lo and bucket < p.hi offset 0
         ) r
         group by service, user_id
       ) used
       window service as (partition by service)
     ) ranked where nth <= ${topUsers} order by ranked.total desc, service collate "C", nth`,
    values: [tenant, [formatInstant(from)], [formatInstant(to)]],
  });
  return [...Map.groupBy(rows, ({ service }) => service).values()].flatMap((own) =>
    own.slice(0, 1).map(({ service, total, users }) => ({
      service,
      total,
      users,
      top: own
        .filter(({ user_id }) => user_id !== "")
        .map(({ user_id, events }) => ({ user_id, event_count: exact(events) })),
    })),
  );
}
