import { CaissonError } from "@caisson/core";
import type { PoolClient } from "pg";
import type { Log } from "../log/create-log.ts";
import type { Postgres } from "../postgres/postgres.ts";
import { wait } from "../run/wait.ts";
import { readMigrations, type Migration } from "./read-migrations.ts";

/** What a run did. `version` is the schema's version after it; 0 for an empty folder. */
export interface MigrationResult {
  readonly version: number;
  readonly applied: readonly number[];
}

/** How a run is stopped early: between two migrations, or while it waits for another run. */
export interface MigrateOptions {
  readonly signal?: AbortSignal;
}

interface LedgerRow {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

/**
 * Brings a database's schema to the newest version of a folder of `NNNN-name.sql` files. Each file is one transaction
 * together with its row in `caisson_schema`, so a run that is killed leaves whole versions only and the next run goes on
 * from there. Two runs at once are one after the other. Throws E_MIGRATION where an applied file has changed or gone, where the
 * database is newer than the folder, or where a new file is older than what was applied.
 */
export async function migrate(
  postgres: Postgres,
  folder: string | URL,
  log: Log,
  { signal = new AbortController().signal }: MigrateOptions = {},
): Promise<MigrationResult> {
  const migrations = await readMigrations(folder);
  const client = await postgres.connect();
  let broken: Error | undefined;
  try {
    await client.query("set statement_timeout = 0; set idle_in_transaction_session_timeout = 0");
    await lock(client, log, signal);
    return await applyPending(client, migrations, log, signal);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // Not given back to the pool: its settings are others now, and closing the session frees the lock.
    client.release(broken ?? true);
  }
}

/** Session-level, so that it spans all transactions of a run and goes with the connection. */
const lockKey = "7021490266185129561";

async function lock(client: PoolClient, log: Log, signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${lockKey}) as locked`);
    if (rows[0]?.locked === true) return;
    if (tries === 0) log.info("another run migrates this database; waiting for it to end");
    await wait(200, signal);
  }
}

async function applyPending(
  client: PoolClient,
  migrations: readonly Migration[],
  log: Log,
  signal: AbortSignal,
): Promise<MigrationResult> {
  await client.query(`create table if not exists caisson_schema (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`);
  const { rows: ledger } = await client.query<LedgerRow>(
    "select version, name, sha256 from caisson_schema order by version",
  );
  const pending = pendingMigrations(migrations, ledger);
  for (const migration of pending) {
    signal.throwIfAborted();
    await apply(client, migration);
    log.info({ version: migration.version, name: migration.name }, "migration applied");
  }
  const version = migrations.at(-1)?.version ?? 0;
  return { version, applied: pending.map((migration) => migration.version) };
}

/** The files that are not in the ledger; throws where file and ledger contradict each other. */
function pendingMigrations(migrations: readonly Migration[], ledger: readonly LedgerRow[]): readonly Migration[] {
  const byVersion = new Map(migrations.map((migration) => [migration.version, migration]));
  const newest = migrations.at(-1)?.version ?? 0;
  for (const { version, name, sha256 } of ledger) {
    const migration = byVersion.get(version);
    if (migration?.sha256 === sha256) continue;
    if (migration) {
      throw refused(
        `${migration.file} was changed after it was applied: expected sha256 ${sha256}, got ${migration.sha256}`,
      );
    }
    throw refused(
      version > newest
        ? `the database is at version ${version} (${name}), newer than this program's ${newest}`
        : `version ${version} (${name}) was applied, but its file is gone`,
    );
  }
  const applied = new Set(ledger.map((row) => row.version));
  const highest = ledger.at(-1)?.version ?? 0;
  const pending = migrations.filter((migration) => !applied.has(migration.version));
  const late = pending.find((migration) => migration.version < highest);
  if (late)
    throw refused(`${late.file} is new but older than version ${highest}, which was applied; give it a higher number`);
  return pending;
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    const before = await transactionId(client);
    // The pool's clients give up on slow queries; building an index may take hours.
    const patient = { text: migration.sql, query_timeout: longest };
    await client.query(patient);
    if ((await transactionId(client)) !== before)
      throw refused(`${migration.file} ended its transaction; part of it is committed`);
    await client.query("insert into caisson_schema (version, name, sha256) values ($1, $2, $3)", [
      migration.version,
      migration.name,
      migration.sha256,
    ]);
    await client.query("commit");
  } catch (error) {
    // The connection is closed after any error, which rolls back.
    if (error instanceof CaissonError) throw error;
    throw refused(
      `${migration.file}: ${error instanceof Error ? error.message : String(error)}${place(error, migration)}`,
      error,
    );
  }
}

/** The longest that a timer can wait: 24 days. */
const longest = 2_147_483_647;

async function transactionId(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ id: string }>("select pg_current_xact_id()::text as id");
  return rows[0]?.id ?? "";
}

/** PostgreSQL gives the place of an error as a character count, people look for a line. */
function place(error: unknown, { sql }: Migration): string {
  const position = Number((error as { position?: unknown }).position);
  if (!(position >= 1)) return "";
  return ` (line ${sql.slice(0, position).split("\n").length})`;
}

function refused(message: string, cause?: unknown): CaissonError {
  return new CaissonError("E_MIGRATION", message, cause === undefined ? {} : { cause });
}
