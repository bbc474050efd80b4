import type {
  AgentEvent,
  AgentInfo,
  DiffDocument,
  DownRequest,
  EnvironmentDocument,
  LogLine,
  LogQuery,
  OneOffDocument,
  OneOffRequest,
  PlanDocument,
  ResourcesDocument,
  UpRequest,
} from "../agent/protocol.ts";
import { requestJson, requestLines } from "./http.ts";
import { untilGone } from "./until-gone.ts";

/** What one may ask a running agent. Every call throws a CaissonError with the agent's own code and words. */
export interface AgentClient {
  info(): Promise<AgentInfo>;
  plan(request: UpRequest): Promise<PlanDocument>;
  up(request: UpRequest, signal?: AbortSignal): AsyncIterable<AgentEvent>;
  resources(): Promise<ResourcesDocument>;
  /** The state of everything, then every change, until `signal` aborts. */
  events(signal: AbortSignal): AsyncIterable<AgentEvent>;
  /** The last lines of a resource, for `why`. */
  tail(resource: string): Promise<{ readonly lines: readonly string[] }>;
  logs(query: LogQuery, signal?: AbortSignal): AsyncIterable<LogLine>;
  act(resource: string, action: "start" | "stop" | "restart"): Promise<void>;
  scale(replicas: Readonly<Record<string, number>>): Promise<void>;
  environment(resource: string): Promise<EnvironmentDocument>;
  diff(): Promise<DiffDocument>;
  oneOff(resource: string, request: OneOffRequest): Promise<OneOffDocument>;
  /** Ends when the agent has ended. */
  down(request: DownRequest): AsyncIterable<AgentEvent>;
  /** Holds the lease until `signal` aborts or the connection breaks; losing it takes the stack down. */
  lease(signal: AbortSignal): AsyncIterable<AgentEvent>;
  /** Gives the lease up without consequence: what runs goes on when its holder goes. */
  giveUpLease(): Promise<void>;
  /** Ends the agent and leaves its children running, for a newer one to adopt. */
  replace(): Promise<void>;
}

/** A client of the agent that listens on `socket`. Connects at each call. */
export function agentClient(socket: string): AgentClient {
  const path = (name: string): string => encodeURIComponent(name);
  // The first question of every command: an agent that hangs must not hang them all.
  const info = (): Promise<AgentInfo> =>
    requestJson(socket, "GET", "/v1/info", undefined, AbortSignal.timeout(answerWithinMs));
  return {
    info,
    plan: (request) => requestJson(socket, "POST", "/v1/plan", request),
    up: (request, signal) => requestLines(socket, "POST", "/v1/up", request, signal),
    resources: () => requestJson(socket, "GET", "/v1/resources"),
    events: (signal) => requestLines(socket, "GET", "/v1/events", undefined, signal),
    tail: (resource) => requestJson(socket, "GET", `/v1/tail/${path(resource)}`),
    logs: (query, signal) => requestLines(socket, "GET", `/v1/logs?${logQuery(query)}`, undefined, signal),
    act: (resource, action) => requestJson(socket, "POST", `/v1/resources/${path(resource)}/${action}`, {}),
    scale: (replicas) => requestJson(socket, "POST", "/v1/scale", replicas),
    environment: (resource) => requestJson(socket, "GET", `/v1/environment/${path(resource)}`),
    diff: () => requestJson(socket, "GET", "/v1/diff"),
    oneOff: (resource, request) => requestJson(socket, "POST", `/v1/one-off/${path(resource)}`, request),
    async *down(request) {
      yield* requestLines<AgentEvent>(socket, "POST", "/v1/down", request);
      await untilGone({ info }, "the stack's agent");
    },
    lease: (signal) => requestLines(socket, "POST", "/v1/lease", {}, signal),
    giveUpLease: () => requestJson(socket, "POST", "/v1/lease/give-up", {}),
    replace: () => requestJson(socket, "POST", "/v1/replace", {}),
  };
}

const answerWithinMs = 10_000;

function logQuery({ resources, tail, since, follow }: LogQuery): URLSearchParams {
  const query = new URLSearchParams(resources.map((name): [string, string] => ["resource", name]));
  if (tail !== undefined) query.set("tail", String(tail));
  if (since !== undefined) query.set("since", String(since));
  if (follow) query.set("follow", "1");
  return query;
}
