import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";
import { isUnavailable } from "../health/unavailable.ts";
import { promptClient } from "./prompt-client.ts";
import { readAtOnce, type AtOnce } from "./read-at-once.ts";

/** A bounded pool of PostgreSQL connections. Nothing connects until the first query or look of its health check. */
export interface Postgres {
  /** One statement on any connection. With a name (of this text alone) each connection parses and plans it once. */
  readonly query: <R extends QueryResultRow = QueryResultRow>(
    statement: string | NamedStatement,
    values?: readonly unknown[],
  ) => Promise<QueryResult<R>>;
  /** A connection of one's own (COPY, LISTEN, cursors); `release` it. Has the form that Kysely's dialect asks for. */
  readonly connect: () => Promise<PoolClient>;
  /** Runs `work` inside a transaction: committed when it resolves, rolled back when it rejects. */
  readonly transaction: <T>(work: (client: PoolClient) => Promise<T>) => Promise<T>;
  /** Runs reads that see one state of everything, one after the other. They cannot write, so nobody waits for their end. */
  readonly snapshot: <T>(read: (client: PoolClient) => Promise<T>) => Promise<T>;
  /** The same for reads that are all asked before `read` first waits: they, and the snapshot, are one round trip. */
  readonly atOnce: <T>(read: (client: AtOnce) => Promise<T>) => Promise<T>;
  /** Connections at most. */
  readonly size: number;
  /** Connections by state, for the metric. */
  readonly counts: () => { readonly idle: number; readonly busy: number; readonly waiting: number };
  /** Milliseconds since a connection was last made, or given back in good order; `undefined` before the first. */
  readonly quietMs: () => number | undefined;
  /** Waits for the connections in use, then closes all. */
  readonly end: () => Promise<void>;
}

/** A statement that is prepared under a name. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/** Limits of a pool. All times in milliseconds. */
export interface PostgresOptions {
  /** Connections at most. Default 10. */
  readonly size?: number;
  /** How the pool is called in health, metrics and logs; needed for a second pool. Default `postgres`. */
  readonly name?: string;
  /** A statement that takes longer is cancelled by the server. Default 30,000; 0: never. */
  readonly statementTimeoutMs?: number;
  /** Wait for a free or a new connection. Default 5000. */
  readonly acquireTimeoutMs?: number;
}

/** What happens around a pool. */
export interface PostgresEvents {
  readonly applicationName: string;
  /** A connection broke while nobody used it, or a query found the database away. */
  readonly onLost: (error: Error) => void;
}

const defaultSize = 10;

/** A pool for `url`; pg is loaded when it is first used. */
export function createPostgres(url: string, options: PostgresOptions, events: PostgresEvents): Postgres {
  let pool: Pool | undefined;
  let loading: Promise<Pool> | undefined;
  let goodAt: number | undefined;
  const open = (): Promise<Pool> => {
    loading ??= createPool(url, options, events, () => {
      goodAt = performance.now();
    }).then((created) => (pool = created));
    return loading;
  };
  const reporting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof Error && isUnavailable(error)) events.onLost(error);
      throw error;
    }
  };
  const connect = async (): Promise<PoolClient> => (pool ?? (await open())).connect();
  return {
    query: <R extends QueryResultRow>(statement: string | NamedStatement, values?: readonly unknown[]) =>
      reporting(connect().then((client) => queryOnce<R>(client, statement, values))),
    connect: () => reporting(connect()),
    transaction: (work) => reporting(connect().then((client) => inTransaction(client, work))),
    snapshot: (read) => reporting(connect().then((client) => inSnapshot(client, read))),
    atOnce: (read) => reporting(connect().then((client) => inOneBatch(client, read))),
    size: options.size ?? defaultSize,
    counts: () => ({
      idle: pool?.idleCount ?? 0,
      busy: (pool?.totalCount ?? 0) - (pool?.idleCount ?? 0),
      waiting: pool?.waitingCount ?? 0,
    }),
    quietMs: () => (goodAt === undefined ? undefined : performance.now() - goodAt),
    end: async () => {
      if (loading) await (await loading).end();
    },
  };
}

async function createPool(
  url: string,
  { size = defaultSize, statementTimeoutMs = 30_000, acquireTimeoutMs = 5000 }: PostgresOptions,
  { applicationName, onLost }: PostgresEvents,
  onGood: () => void,
): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    Client: promptClient(pg),
    connectionString: url,
    max: size,
    connectionTimeoutMillis: acquireTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // A server that is stopped or cut off cannot cancel anything itself; the connection is thrown away then.
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + 5000 }),
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    application_name: applicationName,
  });
  pool.on("error", onLost);
  // A connection that breaks while somebody holds it, but between two queries, has no other listener: the program would end.
  pool.on("connect", (client) => {
    client.on("error", () => {});
    onGood();
  });
  pool.on("release", (error) => {
    if (!error) onGood();
  });
  return pool;
}

/** pg's own `pool.query` throws the connection away after any error; a violated constraint is no reason to. */
async function queryOnce<R extends QueryResultRow>(
  client: PoolClient,
  statement: string | NamedStatement,
  values: readonly unknown[] = [],
): Promise<QueryResult<R>> {
  let broken: Error | undefined;
  try {
    const named = typeof statement === "string" ? { text: statement } : statement;
    return await client.query<R>({ ...named, values: [...values] });
  } catch (error) {
    if (error instanceof Error && isUnavailable(error)) broken = error;
    throw error;
  } finally {
    client.release(broken);
  }
}

async function inTransaction<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    broken = await rollback(client, error);
    throw error;
  } finally {
    // A connection in an unknown state is closed; the server rolls back what it held.
    client.release(broken);
  }
}

async function inSnapshot<T>(client: PoolClient, read: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    await client.query("begin isolation level repeatable read, read only");
    const result = await read(client);
    // What was read goes on first.
    setImmediate(() => {
      client.query("commit").then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    });
    return result;
  } catch (error) {
    client.release(await rollback(client, error));
    throw error;
  }
}

async function inOneBatch<T>(client: PoolClient, read: (client: AtOnce) => Promise<T>): Promise<T> {
  const { answered, result } = readAtOnce(client, read);
  try {
    await answered;
    client.release();
  } catch (error) {
    client.release(await rollback(client, error));
  }
  return result;
}

/** Rolls back; returns the reason to throw the connection away, if there is one. */
async function rollback(client: PoolClient, cause: unknown): Promise<Error | undefined> {
  if (isUnavailable(cause)) return cause as Error; // isUnavailable is true for Errors only
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
