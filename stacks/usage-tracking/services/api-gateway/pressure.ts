import type { Loop, Postgres } from "@caisson/kit";
import type { StreamBacklog } from "../../inbox/redis/stream-backlog.ts";
import { readInboxLag } from "../../inbox/waiting.ts";

/** Why nothing more is taken in for now. */
export interface PressureRefusal {
  readonly reason: "lag" | "disk";
  readonly detail: string;
  readonly retrySeconds: number;
}

/** Whether what comes behind the gateway can follow. */
export interface Pressure {
  refusal(): PressureRefusal | undefined;
}

/** Bounds of what may pile up behind the gateway. */
export interface PressureLimits {
  /** Seconds that the oldest unprocessed event may have waited. */
  readonly maxLagSeconds: number;
  /** Bytes that the database may have; 0 for no bound. */
  readonly databaseMaxBytes: number;
}

/** What is seen of it, for the metrics. */
export interface PressureEvents {
  readonly onLag: (seconds: number) => void;
  readonly onDatabaseBytes: (bytes: number) => void;
}

/** Looks at the lag every second and at the database's size every ten; in between the last look counts. */
export function watchPressure(
  loop: Loop,
  { pool, backlog }: { readonly pool: Pick<Postgres, "query">; readonly backlog: StreamBacklog | undefined },
  limits: PressureLimits,
  events: PressureEvents,
): Pressure {
  let lagSeconds = 0;
  let bytes = 0;
  loop(
    "lag",
    async () => {
      // A queue that cannot be asked takes nothing in either: the last look stands.
      lagSeconds = (await readInboxLag(pool, backlog)) ?? lagSeconds;
      events.onLag(lagSeconds);
    },
    { idleMs: 1000 },
  );
  loop(
    "database size",
    async () => {
      const { rows } = await pool.query<{ bytes: string }>("select pg_database_size(current_database()) as bytes");
      bytes = Number(rows[0]?.bytes ?? 0);
      events.onDatabaseBytes(bytes);
    },
    { idleMs: 10_000 },
  );
  return {
    refusal: () => {
      if (lagSeconds > limits.maxLagSeconds) {
        const detail = `events wait for ${lagSeconds.toFixed(0)} s to be processed, more than ${limits.maxLagSeconds}`;
        return { reason: "lag", detail: `${detail}; nothing was stored, send this again later`, retrySeconds: 10 };
      }
      if (limits.databaseMaxBytes === 0 || bytes <= limits.databaseMaxBytes) return undefined;
      const detail = "the database has reached its size limit; nothing was stored, send this again later";
      return { reason: "disk", detail, retrySeconds: 60 };
    },
  };
}
