import { createRequire } from "node:module";
import type pg from "pg";
import { CommandError } from "../errors/command-error.ts";

/** What one statement gave. Values are as PostgreSQL writes them; `null` is null. */
export interface SqlResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A connection. `run` takes several statements, which are one transaction. Throws E_SQL with PostgreSQL's words. */
export interface SqlClient {
  run(statements: string): Promise<readonly SqlResult[]>;
  end(): Promise<void>;
}

/** Connects to a store by its URL. */
export async function connect(url: string, store: string): Promise<SqlClient> {
  // The runtime's own driver: the one the store was provisioned with.
  const require = createRequire(import.meta.resolve("@caisson/runtime"));
  const { Client } = require("pg") as typeof pg;
  const client = new Client({
    connectionString: url,
    application_name: "caisson sql",
    connectionTimeoutMillis: 10_000,
    // As text: the form is chosen where it is printed.
    types: { getTypeParser: () => (text: string) => text },
  });
  client.on("error", () => {}); // told by the statement that is under way, or the next one
  try {
    await client.connect();
  } catch (error) {
    throw sqlError(`${store}: cannot connect`, error);
  }
  return {
    async run(statements) {
      try {
        // Several statements give several results.
        const answer: unknown = await client.query({ text: statements, rowMode: "array" });
        return (Array.isArray(answer) ? answer : [answer]).map(toResult);
      } catch (error) {
        throw sqlError(store, error);
      }
    },
    end: () => client.end().catch(() => {}), // it is broken already
  };
}

function toResult(result: pg.QueryArrayResult<(string | null)[]>): SqlResult {
  const columns = result.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
  return { command: result.command, rowCount: result.rowCount, columns, rows: result.rows };
}

function sqlError(where: string, error: unknown): CommandError {
  const message = error instanceof Error ? error.message : String(error);
  const detail = field(error, "detail");
  const position = field(error, "position");
  const extra = [detail, position && `at character ${position}`].filter(Boolean).join(", ");
  const hint = field(error, "hint");
  return new CommandError(
    "E_SQL",
    `${where}: ${message}${extra === "" ? "" : ` (${extra})`}`,
    hint === undefined ? {} : { hint },
  );
}

function field(error: unknown, name: string): string | undefined {
  const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
