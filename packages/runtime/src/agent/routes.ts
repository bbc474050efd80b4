import { CaissonError } from "@caisson/core/run";
import { act, scale } from "./actions.ts";
import type { Agent } from "./agent.ts";
import { diff } from "./diff.ts";
import { down } from "./down.ts";
import { environmentOf } from "./environment.ts";
import { mergeLogs } from "./log-lines.ts";
import { oneOff } from "./one-off.ts";
import type { AgentEvent, DownRequest, LogQuery, OneOffRequest, UpRequest } from "./protocol.ts";
import type { Exchange, Route } from "./server.ts";
import { planDocument, up } from "./up.ts";

/** The agent's API, one entry a path. Bodies come from our own CLI of the same protocol version. */
export function routes(agent: Agent): readonly Route[] {
  return [
    get(/^\/v1\/info$/, () => agent.info()),
    get(/^\/v1\/resources$/, () => ({ resources: agent.roster.views(), skipped: agent.roster.skipped() })),
    get(/^\/v1\/environment\/([^/]+)$/, ({ params }) => environmentOf(agent, known(agent, params[0]))),
    post(/^\/v1\/one-off\/([^/]+)$/, ({ params, body }) =>
      oneOff(agent, known(agent, params[0]), body as OneOffRequest),
    ),
    get(/^\/v1\/diff$/, () => diff(agent)),
    get(/^\/v1\/events$/, (exchange) => streamEvents(agent, exchange)),
    get(/^\/v1\/tail\/([^/]+)$/, async ({ params }) => ({ lines: await agent.logs.last(known(agent, params[0]), 20) })),
    get(/^\/v1\/logs$/, (exchange) => streamLogs(agent, exchange)),
    post(/^\/v1\/plan$/, ({ body }) => planDocument(agent, body as UpRequest)),
    post(/^\/v1\/up$/, (exchange) => stream(exchange, up(agent, exchange.body as UpRequest, exchange.over))),
    post(/^\/v1\/down$/, (exchange) => stream(exchange, down(agent, exchange.body as DownRequest))),
    post(/^\/v1\/lease$/, (exchange) => holdLease(agent, exchange)),
    post(/^\/v1\/lease\/give-up$/, () => agent.lease.giveUp()),
    post(/^\/v1\/scale$/, ({ body }) => scaleAll(agent, body as Readonly<Record<string, number>>)),
    post(/^\/v1\/resources\/([^/]+)\/(start|stop|restart)$/, ({ params }) =>
      act(agent, known(agent, params[0]), actionOf(params[1])),
    ),
    // Ends this agent and leaves its children to the next one.
    post(/^\/v1\/replace$/, async () => void setImmediate(() => agent.close("replaced"))),
  ];
}

function get(path: RegExp, handle: (exchange: Exchange) => unknown): Route {
  return { method: "GET", path, handle: async (exchange) => handle(exchange) };
}

function post(path: RegExp, handle: (exchange: Exchange) => unknown): Route {
  return { method: "POST", path, handle: async (exchange) => handle(exchange) };
}

async function stream<T>(exchange: Exchange, lines: AsyncIterable<T>): Promise<void> {
  for await (const line of lines) {
    await exchange.line(line);
    if (exchange.gone.aborted) return;
  }
}

async function streamEvents(agent: Agent, exchange: Exchange): Promise<void> {
  // Listening starts before the snapshot is taken, so nothing falls between the two.
  const changes = agent.hub.listen(exchange.over);
  for (const resource of agent.roster.views()) await exchange.line({ type: "resource", resource } satisfies AgentEvent);
  await stream(exchange, changes);
}

async function streamLogs(agent: Agent, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  const number = (name: string): Record<string, number> => (query.has(name) ? { [name]: Number(query.get(name)) } : {});
  const asked: LogQuery = {
    resources: query
      .getAll("resource")
      .map((name) => (agent.roster.podOf(name) === undefined ? known(agent, name) : name)),
    follow: query.get("follow") === "1",
    ...number("tail"),
    ...number("since"),
  };
  await stream(exchange, mergeLogs(agent.roster.logSources(asked.resources), agent.logs, asked, exchange.over));
}

async function holdLease(agent: Agent, exchange: Exchange): Promise<void> {
  const lose = agent.lease.take();
  exchange.gone.addEventListener("abort", lose);
  await exchange.line({ type: "note", message: "lease held" } satisfies AgentEvent);
  await stream(exchange, agent.hub.listen(exchange.over));
}

/** The path's own pattern lets nothing else through. */
function actionOf(word: string | undefined): "start" | "stop" | "restart" {
  return word === "start" || word === "stop" ? word : "restart";
}

function scaleAll(agent: Agent, replicas: Readonly<Record<string, number>>): void {
  for (const name of Object.keys(replicas)) known(agent, name);
  scale(agent, replicas);
}

function known(agent: Agent, name: string | undefined): string {
  if (name !== undefined && agent.records.latest(name)) return name;
  throw new CaissonError(
    "E_RESOURCE_UNKNOWN",
    `expected one of ${agent.records.names().join(", ") || "no resource"}, got ${name ?? ""}`,
  );
}
