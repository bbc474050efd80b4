import { Type } from "@caisson/core";
import { httpProblem, type Guard, type Handles, type HttpApp } from "@caisson/kit";
import { judgeBatch, type EventResult, type Judged } from "../../events/judge-batch.ts";
import { parseJson } from "../../events/parse-json.ts";
import { encodeBody } from "../../events/stored-event.ts";
import { InboxRefusal, type GroupCommit } from "../../inbox/group-commit.ts";
import type { Credential } from "../../keys/key-cache.ts";
import type { BodyBudget } from "./body-budget.ts";
import type { apiGateway } from "./contract.ts";
import type { RecentIds } from "./recent-ids.ts";

/** What the routes need. */
export interface GatewayParts {
  readonly guard: Guard<Credential>;
  readonly commit: GroupCommit;
  readonly budget: BodyBudget;
  readonly recent: RecentIds;
  readonly metrics: Handles<(typeof apiGateway)["metrics"]>;
}

const singleBytes = 128 * 1024;
const batchBytes = 4 * 1024 * 1024;
const batchEvents = 1000;

const issue = Type.Object({ path: Type.String(), code: Type.String(), message: Type.String() });
const result = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  event_id: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum(["accepted", "duplicate", "invalid"]),
  errors: Type.Optional(Type.Array(issue)),
});
const batchAnswer = Type.Object({
  accepted: Type.Integer({ minimum: 0 }),
  duplicate: Type.Integer({ minimum: 0 }),
  invalid: Type.Integer({ minimum: 0 }),
  results: Type.Array(result),
});
const singleAnswer = Type.Object({ event_id: Type.String(), status: Type.Enum(["accepted", "duplicate"]) });

/** Adds the routes that take events in. */
export function addRoutes(app: HttpApp, parts: GatewayParts): void {
  readRawBodies(app, parts.budget);
  app.post(
    "/api/v1/events",
    {
      guard: parts.guard,
      bodyLimit: singleBytes,
      summary: "Takes one event; 202 once it is durable",
      schema: { response: { 202: singleAnswer } },
    },
    async (request, reply) => {
      const event = readJson(request.body);
      const { results } = await take([event], request.identity, parts);
      const [only] = results;
      if (!only || only.status === "invalid") throw invalidEvent(only?.errors ?? []);
      return reply.code(202).send({ event_id: only.event_id, status: only.status });
    },
  );
  app.post(
    "/api/v1/events/batch",
    {
      guard: parts.guard,
      bodyLimit: batchBytes,
      summary: "Takes 1 to 1,000 events; one result for each, 202 once the accepted ones are durable",
      schema: { response: { 202: batchAnswer, 422: batchAnswer } },
    },
    async (request, reply) => {
      const events = readBatch(request.body);
      const { results } = await take(events, request.identity, parts);
      const counts = { accepted: 0, duplicate: 0, invalid: 0 };
      for (const { status } of results) counts[status]++;
      // Nothing to keep: the sender, who may look at the status alone, must not think otherwise.
      return reply.code(counts.invalid === results.length ? 422 : 202).send({ ...counts, results });
    },
  );
}

/** Judges events and waits until the accepted ones are durable. */
async function take(
  events: readonly unknown[],
  { tenant, tenantName }: Credential,
  { commit, recent, metrics }: GatewayParts,
): Promise<{ readonly results: readonly EventResult[] }> {
  const now = Date.now() * 1000;
  const judged = judgeBatch(events, { tenant: tenantName, now }, (id) => recent.has(tenant, id));
  if (judged.encoded.length > 0) await store(judged, tenant, { commit, metrics });
  recent.add(tenant, judged.ids);
  for (const { status } of judged.results) metrics.ingested.inc({ result: status });
  return judged;
}

async function store(
  { encoded }: Judged,
  tenant: number,
  { commit, metrics }: Pick<GatewayParts, "commit" | "metrics">,
): Promise<void> {
  const began = performance.now();
  try {
    const done = commit.submit({ tenant, events: encoded.length, body: encodeBody(encoded) });
    metrics.pendingBytes.set(commit.pendingBytes());
    await done;
    metrics.ackSeconds.observe((performance.now() - began) / 1000);
  } catch (error) {
    if (!(error instanceof InboxRefusal)) throw error;
    metrics.refused.inc({ reason: error.reason });
    throw unavailable(`the events were not stored (inbox ${error.reason}); send them again`, error);
  } finally {
    metrics.pendingBytes.set(commit.pendingBytes());
  }
}

/**
 * Bodies stay bytes: what is checked is what was sent. Their memory is reserved before they are read, and after the
 * guard: who has no key takes none of it.
 */
function readRawBodies(app: HttpApp, budget: BodyBudget): void {
  app.fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  app.fastify.addHook("preParsing", async (request, reply) => {
    if (request.method !== "POST") return;
    const announced = Number(request.headers["content-length"] ?? batchBytes);
    const release = budget.take(Math.min(announced, batchBytes));
    if (!release) throw unavailable("too many requests are being read at the moment; send this one again");
    reply.raw.once("close", release);
  });
}

function readJson(body: unknown): unknown {
  const parsed = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if ("value" in parsed) return parsed.value;
  const { code, path, offset } = parsed.fault;
  throw httpProblem("invalid_json", `the body is no JSON that can be kept: ${code} at byte ${offset}`, {
    errors: [{ path, code, message: `at byte ${offset}` }],
  });
}

function readBatch(body: unknown): readonly unknown[] {
  const events = readJson(body);
  if (Array.isArray(events) && events.length > 0 && events.length <= batchEvents) return events as unknown[];
  const got = Array.isArray(events) ? `${events.length}` : "no array";
  const message = `expected an array of 1 to ${batchEvents} events, got ${got}`;
  throw httpProblem("validation_failed", message, { errors: [{ path: "", code: "batch_size", message }] });
}

function invalidEvent(errors: readonly { path: string; code: string; message: string }[]): Error {
  const [first] = errors;
  const detail = `${first?.path ?? ""} ${first?.message ?? ""}`.trim();
  return httpProblem({ status: 422, code: "invalid_event", title: "The event cannot be accepted" }, detail, { errors });
}

function unavailable(detail: string, cause?: unknown): Error {
  return httpProblem("dependency_unavailable", detail, { headers: { "retry-after": "1" }, cause });
}
