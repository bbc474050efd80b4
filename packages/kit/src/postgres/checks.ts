import type { Check, Health, Probe } from "../health/health.ts";
import type { Postgres } from "./postgres.ts";

/** While queries go well there is no need to ask; after so many milliseconds of silence the check asks itself. */
const freshMs = 1000;

/** With every connection in use there is none left to ask with; so long it is believed that they are in good use. */
const busyMs = 10_000;

const pingMs = 1500;

/** The check that a pool's database answers. A pool that is busy with good work is well: saturation is not absence. */
export function checkPostgres(health: Health, name: string, postgres: Postgres): Check {
  return health.check(name, async () => {
    const quiet = postgres.quietMs() ?? Infinity;
    if (quiet < freshMs) return undefined;
    if (isFull(postgres) && quiet < busyMs) return `all ${postgres.size} connections are in use`;
    await ping(postgres);
    return undefined;
  });
}

/** A connection on which nothing comes back must not be kept by the check: it is thrown away with the timeout's error. */
async function ping(postgres: Postgres): Promise<void> {
  const client = await postgres.connect();
  let broken: Error | undefined;
  try {
    const impatient = { text: "select 1", query_timeout: pingMs };
    await client.query(impatient);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The check that the database's schema is at the version that the contract asks for. */
export function checkSchema(health: Health, postgres: Postgres, wanted: number): Check {
  return health.check("schema", schemaProbe(postgres, wanted), { everyMs: 10_000 });
}

/** Looks at the schema's version; keeps the last good answer while every connection is in use. */
export function schemaProbe(postgres: Postgres, wanted: number): Probe {
  let last: string | undefined;
  return async () => {
    if (last !== undefined && isFull(postgres)) return last;
    const version = await schemaVersion(postgres);
    if (version < wanted) {
      throw new Error(`the schema is at version ${version}, expected ${wanted}; the migrations have not been run`);
    }
    last = `version ${version}`;
    return last;
  };
}

function isFull(postgres: Postgres): boolean {
  const { idle, busy } = postgres.counts();
  return idle === 0 && busy >= postgres.size;
}

/** The highest applied migration; 0 where the ledger does not exist yet. */
async function schemaVersion(postgres: Pick<Postgres, "query">): Promise<number> {
  try {
    const { rows } = await postgres.query<{ version: number | null }>(
      "select max(version) as version from caisson_schema",
    );
    return rows[0]?.version ?? 0;
  } catch (error) {
    if ((error as { code?: unknown }).code === "42P01") return 0; // undefined_table
    throw error;
  }
}
