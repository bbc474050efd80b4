import { CaissonError } from "@caisson/core";
import type { FastifyInstance } from "fastify";
import { requestCheck } from "./check-request.ts";
import { checkResponse } from "./check-response.ts";
import { guardName, type GuardOption } from "./guard.ts";
import type { Route, RouteHandler, RouteOptions, RouteSchema } from "./route.ts";

/** Adds a route. The path may have named parameters: `/api/v1/events/:id`. */
export type AddRoute = <const S extends RouteSchema = Record<never, never>, I = undefined>(
  path: string,
  options: RouteOptions<S, I>,
  handler: RouteHandler<S, I>,
) => void;

/** A route as the cross-tenant matrix and the API's documentation see it. */
export interface RouteInfo {
  readonly method: string;
  readonly path: string;
  /** The guard's name, or `public`. */
  readonly guard: string;
}

/** The public side of a program. */
export interface HttpApp {
  readonly get: AddRoute;
  readonly post: AddRoute;
  readonly put: AddRoute;
  readonly patch: AddRoute;
  readonly delete: AddRoute;
  readonly routes: () => readonly RouteInfo[];
  /** For what the kit does not wrap (content types, plugins). A route registered here without a guard throws. */
  readonly fastify: FastifyInstance;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** The kit's own record of a route; absent where somebody registered one past the kit. */
    readonly caisson?: Route;
  }
  interface FastifyRequest {
    /** What the route's guard returned. */
    identity: unknown;
  }
}

/** The app over a Fastify instance. `list` is what `openapi.json` is made of. */
export function createApp(fastify: FastifyInstance): HttpApp & { readonly list: readonly Route[] } {
  const list: Route[] = [];
  fastify.decorateRequest("identity", undefined);
  fastify.addHook("onRoute", ({ method, url, config }) =>
    refuseUnguarded(String(method), url, config?.caisson?.options.guard),
  );
  const add =
    (method: string): AddRoute =>
    (path, options, handler) => {
      // The list forgets each route's own types; what it calls was checked against them here.
      const route: Route = { method, path, options: options as unknown as Route["options"] };
      list.push(route);
      // Fastify calls the handler with the request that the guard and the check have completed.
      register(fastify, route, handler as unknown as RouteHandler<RouteSchema, unknown>);
    };
  return {
    get: add("GET"),
    post: add("POST"),
    put: add("PUT"),
    patch: add("PATCH"),
    delete: add("DELETE"),
    routes: () => list.map(({ method, path, options }) => ({ method, path, guard: guardName(options.guard) })),
    fastify,
    list,
  };
}

function refuseUnguarded(method: string, url: string, guard: GuardOption<unknown> | undefined): void {
  if (guard === "public" || typeof guard?.check === "function") return;
  throw new CaissonError(
    "E_ROUTE",
    `route ${method} ${url} has no guard: expected guard: "public" or a guard, got nothing`,
  );
}

function register(fastify: FastifyInstance, route: Route, handler: RouteHandler<RouteSchema, unknown>): void {
  const { guard, schema = {}, bodyLimit, timeoutMs } = route.options;
  const check = requestCheck(schema);
  const { response } = schema;
  fastify.route({
    method: route.method,
    url: route.path,
    config: { caisson: route },
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(timeoutMs !== undefined && { handlerTimeout: timeoutMs }),
    ...(guard !== "public" && {
      onRequest: async (request) => {
        request.identity = await guard.check(request);
      },
    }),
    preValidation: (request, _reply, done) => done(failure(() => check(request))),
    ...(response && {
      preSerialization: (_request, reply, payload, done) => {
        const error = failure(() => checkResponse(response, reply.statusCode, payload));
        if (error) done(error);
        else done(null, payload);
      },
    }),
    handler: (request, reply) => handler(request as Parameters<typeof handler>[0], reply),
  });
}

/** What `work` throws: Fastify's hooks with callbacks are given errors, they do not catch them. */
function failure(work: () => void): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
