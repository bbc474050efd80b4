import type { Postgres } from "@caisson/kit";
import type { ClientBase } from "pg";
import type { ShownEvent } from "./answers.ts";
import type { StreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { positionsOf, shardsOfTenant, streamsColumn, type Waiting } from "../../inbox/waiting.ts";
import { shownColumns } from "./list-events.ts";

/** What became of an event that was acknowledged. */
export type Outcome =
  | { readonly status: "stored"; readonly event: ShownEvent }
  | { readonly status: "pending" }
  | { readonly status: "dead_letter"; readonly reason: string; readonly detail: string }
  /** Not known: never acknowledged for this tenant, or (`complete` false) behind a backlog that is not looked through. */
  | { readonly status: "unknown"; readonly complete: boolean };

/** How much of a tenant's backlog is looked through for an event. */
const lookRows = 200;
const lookBytes = 16 * 1024 * 1024;

/**
 * The outcome of one event of a tenant. The database is one snapshot: an event is in one place of it. A stream is looked at
 * in between two of them: what has left it since the first is in the second.
 */
export async function readOutcome(
  { pool, backlog }: { readonly pool: Postgres; readonly backlog: StreamBacklog | undefined },
  tenant: number,
  id: string,
): Promise<Outcome> {
  const look = (): Promise<Outcome> => pool.snapshot((client) => findOutcome(client, tenant, id));
  const before = await look();
  if (!backlog || before.status !== "unknown") return before;
  const { rows } = await pool.query<{ streams: Waiting["streams"] }>(`select ${streamsColumn(shardsOfTenant)}`, [
    tenant,
  ]);
  const [row] = rows;
  const held = row && (await backlog.holds(positionsOf(row), tenant, id));
  if (held?.found === true) return { status: "pending" };
  const after = await look();
  return after.status === "unknown" ? { ...after, complete: after.complete && held?.complete === true } : after;
}

async function findOutcome(client: Pick<ClientBase, "query">, tenant: number, id: string): Promise<Outcome> {
  const stored = await client.query<ShownEvent>(
    `select ${shownColumns} from dedupe_key k join events e on e.tenant = k.tenant and e.at = k.at and e.id = k.key
     where k.tenant = $1 and k.key = $2`,
    [tenant, id],
  );
  const [event] = stored.rows;
  if (event) return { status: "stored", event };
  const dead = await client.query<{ reason: string; detail: string }>(
    "select reason, detail from dead_letter_events where tenant = $1 and event_id = $2 order by at desc limit 1",
    [tenant, id],
  );
  const [letter] = dead.rows;
  if (letter) return { status: "dead_letter", ...letter };
  return findPending(client, tenant, id);
}

async function findPending(client: Pick<ClientBase, "query">, tenant: number, id: string): Promise<Outcome> {
  const { rows } = await client.query<{ found: boolean | null; complete: boolean | null }>(
    `select bool_or(position(convert_to('"id":"' || $2 || '"', 'UTF8') in body) > 0) filter (where looked) as found,
       bool_and(looked) as complete
     from (
       select body, row_number() over oldest <= ${lookRows}
         and sum(octet_length(body)) over oldest <= ${lookBytes} as looked
       from (
         select i.body, i.received_at, i.seq from inbox_writer w
         cross join ${shardsOfTenant} s
         left join shard_cursor c on c.shard = s.id and c.writer = w.id
         cross join lateral (
           select body, received_at, seq from inbox
           where inbox.shard = s.id and inbox.writer = w.id and seq > coalesce(c.pos, 0) and tenant = $1
           order by seq limit ${lookRows + 1}
         ) i
       ) backlog
       window oldest as (order by received_at, seq)
     ) ordered`,
    [tenant, id],
  );
  const [row] = rows;
  if (row?.found === true) return { status: "pending" };
  return { status: "unknown", complete: row?.complete ?? true };
}
