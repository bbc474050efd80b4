import type { Query, QueryConfig, QueryResult } from "pg";

/** A query of node-postgres' that is several statements; its callback is given the results of all (of one alone: that one). */
export type Batch = new (
  statements: readonly QueryConfig[],
  callback: (error: Error | null, results: QueryResult | QueryResult[]) => void,
) => object;

/**
 * Statements that are sent with one Sync at their end, which node-postgres sends after each: the server writes, and wakes
 * who reads, once for all of them. After one that fails it runs none of the others.
 */
export function batchOf(base: typeof Query): Batch {
  // What is used of the class and its types leave out.
  const Base = base as unknown as new (...args: readonly unknown[]) => Internals;
  return class extends Base {
    readonly #statements: readonly QueryConfig[];
    #answered = 0;

    constructor(statements: readonly QueryConfig[], callback: unknown) {
      super(statements[0], undefined, callback);
      this.#statements = statements;
    }

    override submit(connection: Connection): null {
      connection.stream.cork();
      for (const statement of this.#statements) {
        this.#turnTo(statement);
        this.prepare(connection);
      }
      connection.sync();
      connection.stream.uncork();
      this.#turnTo(this.#statements[0]);
      return null;
    }

    /** Called for each statement once it is bound. */
    override _getRows(connection: Connection): void {
      connection.execute({ portal: "" });
    }

    override handleCommandComplete(message: unknown, connection: Connection): void {
      super.handleCommandComplete(message, connection);
      this.#turnTo(this.#statements[++this.#answered]);
    }

    override handleError(error: Error, connection: Connection): void {
      // Those behind the one that failed were not even parsed.
      for (const { name } of this.#statements) if (name !== undefined) delete connection.submittedNamedStatements[name];
      super.handleError(error, connection);
    }

    /** The client takes what is parsed for the query's own name and text. */
    #turnTo({ name, text, values }: QueryConfig = { text: "" }): void {
      this.name = name;
      this.text = text;
      this.values = values;
    }
  };
}

interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  readonly submittedNamedStatements: Record<string, string>;
  execute(config: { readonly portal: string }): void;
  sync(): void;
}

interface Internals {
  name: string | undefined;
  text: string;
  values: unknown[] | undefined;
  submit(connection: Connection): null;
  prepare(connection: Connection): void;
  _getRows(connection: Connection): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}
