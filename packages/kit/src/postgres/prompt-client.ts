import type { Client, QueryConfig, QueryResult } from "pg";

/**
 * node-postgres' client with promises that let go of their rows. Its own are settled by `query.callback = (...) => ...`,
 * and V8 takes a function that is assigned to a property where it is written for a method: it is made among the old
 * objects, and keeps its query, all rows and what was sent until the next full collection. Every small collection copies
 * them, which is a fifth of what a service that reads much does. Here callbacks are passed, and the timeout is kept here.
 */
export function promptClient(base: typeof Client): typeof Client {
  // What is used of the class: the overloads of `query` are node-postgres' own and stay as they are.
  const Base = base as unknown as new (config?: unknown) => Internals;
  class PromptClient extends Base {
    readonly #timeoutMs: number;

    constructor(config?: unknown) {
      super(config);
      this.#timeoutMs = this.connectionParameters.query_timeout || 0;
      this.connectionParameters.query_timeout = 0;
    }

    override query(asked: Asked, values?: unknown, callback?: unknown): unknown {
      // COPY and cursors settle themselves.
      if (typeof asked === "object" && "submit" in asked) {
        return super.query(Object.assign(asked, { query_timeout: asked.query_timeout ?? this.#timeoutMs }), values);
      }
      if (typeof values === "function" || callback !== undefined) return super.query(asked, values, callback);
      return this.#ask(typeof asked === "string" ? { text: asked } : asked, values);
    }

    async #ask({ query_timeout = this.#timeoutMs, ...query }: Timed, values: unknown): Promise<QueryResult> {
      try {
        return await new Promise<QueryResult>((resolve, reject) => {
          const timer = query_timeout > 0 ? setTimeout(() => reject(this.#giveUp()), query_timeout) : undefined;
          super.query(query, values, (error: Error | null, result: QueryResult) => {
            clearTimeout(timer);
            if (error) reject(error);
            else resolve(result);
          });
        });
      } catch (error) {
        // The stack of whoever asked, in place of the socket's.
        if (error instanceof Error) Error.captureStackTrace(error);
        throw error;
      }
    }

    /** A connection that owes an answer is of no use to anybody. */
    #giveUp(): Error {
      this.connection.stream.destroy();
      return new Error("Query read timeout");
    }
  }
  return PromptClient as unknown as typeof Client;
}

type Timed = QueryConfig & { readonly query_timeout?: number };
type Asked = string | Timed | { readonly submit: unknown; readonly query_timeout?: number };

/** What node-postgres' types leave out. */
interface Internals {
  readonly connectionParameters: { query_timeout: number | undefined };
  readonly connection: { readonly stream: { destroy(): unknown } };
  query(...args: readonly unknown[]): unknown;
}
