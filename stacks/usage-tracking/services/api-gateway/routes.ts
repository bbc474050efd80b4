import { Type } from "@caisson/core";
import type { Guard, HttpApp, RouteHandler, RouteSchema } from "@caisson/kit";
import { batchSchema, eventSchema } from "../../events/event-schema.ts";
import type { Credential } from "../../keys/key-cache.ts";
import { bodyForm, bodyLimits, bytesOf } from "./body-form.ts";
import type { BodyBudget } from "./body-budget.ts";
import { plainBody, readRawBodies } from "./read-body.ts";
import { fingerprintOf, type Answered, type Idempotency } from "./idempotency.ts";
import { judgeRequest } from "./judge-request.ts";
import { readEvents, type SentEvents } from "./read-events.ts";
import { takeEvents, type TakeParts } from "./take-events.ts";

/** What the routes need. */
export interface GatewayParts extends TakeParts {
  readonly guard: Guard<Credential>;
  readonly budget: BodyBudget;
  readonly idempotency: Idempotency;
}

const issue = Type.Object({ path: Type.String(), code: Type.String(), message: Type.String() });
const late = Type.Optional(Type.Literal(true));
const result = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  event_id: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum(["accepted", "duplicate", "invalid"]),
  late,
  errors: Type.Optional(Type.Array(issue)),
});
const batchAnswer = Type.Object({
  accepted: Type.Integer({ minimum: 0 }),
  duplicate: Type.Integer({ minimum: 0 }),
  invalid: Type.Integer({ minimum: 0 }),
  results: Type.Array(result),
});
const singleAnswer = Type.Object({ event_id: Type.String(), status: Type.Enum(["accepted", "duplicate"]), late });

// Visible ASCII: what a header can carry unchanged through any proxy.
const requestHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: "^[!-~]+$" })),
});

type Reply = Parameters<RouteHandler<RouteSchema, Credential>>[1];
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Adds the routes that take events in. */
export function addRoutes(app: HttpApp, parts: GatewayParts): void {
  readRawBodies(app, parts.budget);
  const take = async (
    route: "events" | "batch",
    { headers, body, identity }: { headers: Headers; body: unknown; identity: Credential },
    reply: Reply,
  ): Promise<Reply> => {
    const form = bodyForm(route, headers);
    const bytes = await plainBody(body, headers, bytesOf(form));
    const read = (): SentEvents => readEvents(form, bytes, headers);
    const carryOut = (sent: SentEvents, key?: string): Promise<Answered> =>
      takeEvents(judgeRequest(sent, identity, parts, key), identity.tenant, parts);
    const key = headers["idempotency-key"];
    // In no variable: it would keep the events until their commit, with those of all who wait.
    if (typeof key !== "string") return answer(reply, await carryOut(read()));
    const sent = read();
    const fingerprint = fingerprintOf(form, bytes, headers);
    const { replayed, ...answered } = await parts.idempotency.once(identity.tenant, key, fingerprint, () =>
      carryOut(sent, key),
    );
    if (replayed) reply.header("idempotency-replayed", "true");
    return answer(reply, answered);
  };
  app.post(
    "/api/v1/events",
    {
      guard: parts.guard,
      bodyLimit: bodyLimits.many,
      summary: "Takes one event, or CloudEvents of any form; 202 once what is accepted is durable",
      ownBody: { "application/json": eventSchema },
      schema: { headers: requestHeaders, response: { 202: Type.Union([singleAnswer, batchAnswer]), 422: batchAnswer } },
    },
    (request, reply) => take("events", request, reply),
  );
  app.post(
    "/api/v1/events/batch",
    {
      guard: parts.guard,
      bodyLimit: bodyLimits.many,
      summary: "Takes 1 to 1,000 events; one result for each, 202 once the accepted ones are durable",
      ownBody: { "application/json": batchSchema },
      schema: { headers: requestHeaders, response: { 202: batchAnswer, 422: batchAnswer } },
    },
    (request, reply) => take("batch", request, reply),
  );
}

function answer(reply: Reply, { status, text }: Answered): Reply {
  return reply.code(status).header("content-type", "application/json; charset=utf-8").send(text);
}
