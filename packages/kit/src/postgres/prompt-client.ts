import type { Client, Query, QueryConfig, QueryResult } from "pg";
import { batchOf } from "./batch.ts";

/** A client that also answers statements that are sent at once. */
export interface Batching {
  /** The results of all, in order; the first failure, after which none is run. */
  batch(statements: readonly QueryConfig[]): Promise<QueryResult[]>;
}

/**
 * node-postgres' client with promises that let go of their rows. Its own are settled by `query.callback = (...) => ...`,
 * and V8 takes a function that is assigned to a property where it is written for a method: it is made among the old
 * objects, and keeps its query, all rows and what was sent until the next full collection. Every small collection copies
 * them, which is a fifth of what a service that reads much does. Here callbacks are passed, and the timeout is kept here.
 */
export function promptClient(pg: { readonly Client: typeof Client; readonly Query: typeof Query }): typeof Client {
  // What is used of the class: the overloads of `query` are node-postgres' own and stay as they are.
  const Base = pg.Client as unknown as new (config?: unknown) => Internals;
  const Batch = batchOf(pg.Query);
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

    async batch(statements: readonly QueryConfig[]): Promise<QueryResult[]> {
      // One result alone is in no array.
      return [
        await this.#settled<QueryResult | QueryResult[]>(this.#timeoutMs, (callback) =>
          super.query(new Batch(statements, callback)),
        ),
      ].flat();
    }

    #ask({ query_timeout = this.#timeoutMs, ...query }: Timed, values: unknown): Promise<QueryResult> {
      return this.#settled(query_timeout, (callback) => super.query(query, values, callback));
    }

    async #settled<T>(
      timeoutMs: number,
      send: (callback: (error: Error | null, result: T) => void) => void,
    ): Promise<T> {
      try {
        return await new Promise<T>((resolve, reject) => {
          const timer = timeoutMs > 0 ? setTimeout(() => reject(this.#giveUp()), timeoutMs) : undefined;
          send((error, result) => {
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
