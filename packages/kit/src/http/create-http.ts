import type { IncomingMessage, Server, ServerResponse } from "node:http";
import {
  fastify as createFastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { KitMetrics, Program } from "@caisson/core";
import type { Log } from "../log/create-log.ts";
import type { HandleOf } from "../metrics/handles.ts";
import type { Scope, Tracing } from "../tracing/trace.ts";
import { parseCarrier } from "../tracing/traceparent.ts";
import { createApp, type HttpApp } from "./app.ts";
import { answerClientError } from "./client-error.ts";
import { sendError, sendProblem } from "./error-handler.ts";
import { notFound } from "./not-found.ts";
import { openApi } from "./openapi.ts";
import { httpProblem } from "./problem.ts";
import { http } from "../run/node-http.ts";
import { requestIds } from "./request-id.ts";

/** What the public side needs from the rest of the program. */
export interface HttpOptions {
  readonly program: Program;
  readonly log: Log;
  readonly tracing: Tracing;
  readonly requests: HandleOf<KitMetrics["httpRequests"]>;
  readonly seconds: HandleOf<KitMetrics["httpSeconds"]>;
  /** Why requests are to be turned away for now; `undefined` while they are welcome. */
  readonly closedBecause: () => string | undefined;
  /** `true` once a stop was asked for: every answer then ends its connection. */
  readonly draining: () => boolean;
}

/** The public side: routes are added to `app`, `ready` completes it, `server` is then made to listen. */
export interface Http {
  readonly app: HttpApp;
  readonly ready: () => Promise<void>;
  readonly server: Server;
}

/** Answers are for programs: nothing may be cached, framed, sniffed or run. */
const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Milliseconds. Headers must be here after 10 s, the body after 30 s; an idle connection outlives that of an edge (60 s). */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16_384,
} as const;

/** Builds Fastify from a contract: bounded, checked, every error a problem (RFC 9457), every request a span. */
export function createHttp(options: HttpOptions): Http {
  const { program, log, tracing } = options;
  const requestId = requestIds();
  const loggerInstance: FastifyBaseLogger = log;
  const fastify: FastifyInstance = createFastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit: 1_048_576,
    handlerTimeout: 30_000,
    routerOptions: { maxParamLength: 512 },
    genReqId: () => tracing.current()?.requestId ?? requestId(undefined),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    serverFactory: (handler) =>
      http.createServer(limits, (request, response) => {
        const scope = openScope(tracing, request, requestId(request.headers["x-request-id"]));
        response.once("close", () => scope.span.end(failureOf(response)));
        tracing.within(scope, () => handler(request, response));
      }),
  });
  fastify.removeContentTypeParser("text/plain");
  fastify.setErrorHandler(sendError);
  addHooks(fastify, options);
  const app = createApp(fastify);
  fastify.setNotFoundHandler((request, reply) =>
    sendProblem(notFound(app.list, request.method, request.url), request, reply),
  );
  app.get("/openapi.json", { guard: "public", summary: "This description" }, () => openApi(program, app.list));
  return { app, ready: async () => void (await fastify.ready()), server: fastify.server };
}

/** An answer of 500 and above marks the span failed. */
function failureOf({ statusCode }: ServerResponse): Error | undefined {
  return statusCode >= 500 ? new Error(`status ${statusCode}`) : undefined;
}

function openScope(tracing: Tracing, { method = "GET", headers }: IncomingMessage, requestId: string): Scope {
  const { traceparent, tracestate } = headers;
  const carrier = {
    ...(typeof traceparent === "string" && { traceparent }),
    ...(typeof tracestate === "string" && { tracestate }),
  };
  const span = tracing.open(method, parseCarrier(carrier), {
    kind: "server",
    attributes: { "http.request.method": method },
  });
  return { span, requestId };
}

function addHooks(fastify: FastifyInstance, options: HttpOptions): void {
  // With callbacks: a promise for each of these would be the dearest thing about a small request.
  fastify.addHook("onRequest", (request, reply, done) => {
    reply.headers(securityHeaders).header("x-request-id", request.id);
    const reason = options.closedBecause();
    if (reason === undefined) done();
    else done(httpProblem("not_ready", reason, { headers: { "retry-after": "1" } }));
  });
  fastify.addHook("onSend", (_request, reply, _payload, done) => {
    if (options.draining()) reply.header("connection", "close");
    done();
  });
  fastify.addHook("onResponse", (request, reply, done) => {
    observe(request, reply, options);
    done();
  });
}

function observe(request: FastifyRequest, reply: FastifyReply, { requests, seconds, tracing }: HttpOptions): void {
  const route = request.routeOptions.url ?? "unmatched";
  const labels = { method: request.method, route, status: String(reply.statusCode) };
  requests.inc(labels);
  seconds.observe(labels, reply.elapsedTime / 1000);
  const span = tracing.current()?.span;
  span?.rename(`${request.method} ${route}`);
  span?.set({ "http.route": route, "http.response.status_code": reply.statusCode });
}
