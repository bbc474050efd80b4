import { createRequire } from "node:module";
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
  /** Has the server break off what runs; it would go on to its end without us. */
  cancel(): Promise<void>;
  end(): Promise<void>;
}

/** Connects to a store by its URL. */
export async function connect(url: string, store: string): Promise<SqlClient> {
  const { Client } = driver();
  const open = (): InstanceType<Driver["Client"]> => {
    const opened = new Client({
      connectionString: url,
      application_name: "caisson sql",
      connectionTimeoutMillis: 10_000,
      // As text: the form is chosen where it is printed.
      types: { getTypeParser: () => (text: string) => text },
    });
    opened.on("error", () => {}); // told by the statement that is under way, or the next one
    return opened;
  };
  const client = open();
  try {
    await client.connect();
  } catch (error) {
    throw sqlError(`${store}: cannot connect`, error);
  }
  return {
    async run(statements) {
      try {
        // Several statements give several results.
        return [await client.query({ text: statements, rowMode: "array" })].flat().map(toResult);
      } catch (error) {
        throw sqlError(store, error);
      }
    },
    async cancel() {
      const other = open();
      try {
        await other.connect();
        await other.query({ text: `SELECT pg_cancel_backend(${Number(client.processID)})`, rowMode: "array" });
      } catch {
        // A server that takes nobody has nothing of ours to break off, or nobody can have it do so.
      } finally {
        await other.end().catch(() => {});
      }
    },
    end: () => client.end().catch(() => {}), // it is broken already
  };
}

/** What is used of `pg`. */
interface Driver {
  readonly Client: new (options: Readonly<Record<string, unknown>>) => {
    /** Of the server's process that answers. */
    readonly processID: number | null;
    connect(): Promise<void>;
    query(query: { readonly text: string; readonly rowMode: "array" }): Promise<DriverResult | readonly DriverResult[]>;
    end(): Promise<void>;
    on(event: "error", listener: () => void): void;
  };
}

interface DriverResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The runtime's own driver: the one stores are provisioned with. It is the runtime's dependency, so it is found there. */
function driver(): Driver {
  const fromRuntime = createRequire(createRequire(import.meta.url).resolve("@caisson/runtime"));
  const name = "pg";
  // pg's interface, of the version the runtime pins.
  return fromRuntime(name) as Driver;
}

function toResult(result: DriverResult): SqlResult {
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
