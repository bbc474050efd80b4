import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static, TObject, TSchema } from "typebox";
import type { GuardOption } from "./guard.ts";

/** The schemas of a route. What has no schema is not checked; a query without one must be empty. */
export interface RouteSchema {
  readonly params?: TObject;
  readonly query?: TObject;
  readonly headers?: TObject;
  readonly body?: TSchema;
  /** By status. An answer that does not fit is a bug here: it is logged and becomes a 500. */
  readonly response?: Readonly<Record<number, TSchema>>;
}

/** What a route declares beside its method and path. */
export interface RouteOptions<S extends RouteSchema, I> {
  readonly guard: GuardOption<I>;
  readonly schema?: S;
  /** The body by media type, for the documentation alone: where the handler reads and checks it itself. */
  readonly ownBody?: Readonly<Record<string, TSchema>>;
  /** Bytes of the body. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** Milliseconds until the handler is given up with a 503. Default 30,000. */
  readonly timeoutMs?: number;
  /** One line for the API's documentation. */
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
}

type Part<S extends RouteSchema, K extends "params" | "query" | "headers" | "body"> = S[K] extends TSchema
  ? Static<S[K]>
  : K extends "query"
    ? Readonly<Record<string, never>>
    : unknown;

/** A request whose parts have been checked against the route's schemas. */
export type RouteRequest<S extends RouteSchema, I> = FastifyRequest<{
  Params: Part<S, "params">;
  Querystring: Part<S, "query">;
  Headers: S["headers"] extends TSchema ? Static<S["headers"]> : Record<never, never>;
  Body: Part<S, "body">;
}> & {
  /** What the guard returned: who is calling. */
  readonly identity: I;
};

/** What a handler may return: the body of any of the declared answers, or the reply that it sent itself. */
export type RouteResult<S extends RouteSchema> =
  S["response"] extends Readonly<Record<number, infer T extends TSchema>> ? Static<T> | FastifyReply : unknown;

/** Answers a request. */
export type RouteHandler<S extends RouteSchema, I> = (
  request: RouteRequest<S, I>,
  reply: FastifyReply,
) => RouteResult<S> | Promise<RouteResult<S>>;

/** A route as the kit keeps it, its types forgotten. */
export interface Route {
  readonly method: string;
  /** With named parameters: `/api/v1/events/:id`. */
  readonly path: string;
  readonly options: RouteOptions<RouteSchema, unknown>;
}
