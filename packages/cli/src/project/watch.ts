import type { AgentClient, ResourcesDocument, ResourceView } from "@caisson/runtime";
import { CommandError } from "../errors/command-error.ts";
import { reasonOf } from "../render/resources.ts";
import { span } from "../render/time.ts";
import { standingFor, type Standing } from "./settled.ts";

/** What to wait for, and how long at most, ms. */
export interface UntilOptions {
  /** Default: everything there is. */
  readonly names?: readonly string[];
  /** Where a resource stands; the wait ends when none is pending, or one failed. */
  readonly judge: (view: ResourceView) => Standing;
  /** Completes "not ... within 5m". */
  readonly what: string;
  readonly timeoutMs: number;
  /** The limit people set, where part of it has passed already; for the message. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
  /** How everything was a moment ago; default: asked for. */
  readonly known?: ResourcesDocument;
}

/** {@link UntilOptions} for one of the conditions that have a name. */
export interface WaitOptions extends Omit<UntilOptions, "judge" | "what"> {
  readonly condition: Parameters<typeof standingFor>[1];
}

/** Waits until every named resource meets a condition; as {@link waitUntil}. */
export function waitFor(agent: AgentClient, { condition, ...rest }: WaitOptions): Promise<ResourcesDocument> {
  return waitUntil(agent, { ...rest, what: condition, judge: (view) => standingFor(view, condition) });
}

/**
 * Follows the agent's events until no named resource is pending. Throws E_WAIT_TIMEOUT or E_RESOURCE_FAILED, naming what
 * is missing and why; returns early, without an error, when `signal` aborts. Answers how everything is by then.
 */
export async function waitUntil(agent: AgentClient, options: UntilOptions): Promise<ResourcesDocument> {
  const { judge, what, timeoutMs, limitMs = timeoutMs, signal } = options;
  const { resources, skipped } = options.known ?? (await agent.resources());
  const views = new Map(resources.map((view) => [view.name, view]));
  const names = options.names ?? [...views.keys()];
  const standing = (name: string): Standing => judgeNamed(views.get(name), judge);
  const settled = (): boolean =>
    names.some((name) => standing(name) === "failed") || names.every((name) => standing(name) !== "pending");
  const timeout = timeLimit(timeoutMs);
  const stop = AbortSignal.any([timeout, ...(signal ? [signal] : [])]);
  if (!settled()) await follow(agent, views, stop, settled);
  const failed = names.filter((name) => standing(name) === "failed");
  if (failed.length > 0) throw failure(`failed: ${describe(failed, views)}`);
  const late = names.filter((name) => standing(name) === "pending");
  if (late.length === 0 || signal?.aborted === true) return { resources: [...views.values()], skipped };
  if (timeout.aborted)
    throw new CommandError("E_WAIT_TIMEOUT", `not ${what} within ${span(limitMs)}: ${describe(late, views)}`);
  throw failure(`the stack went down before all was ${what}: ${describe(late, views)}`);
}

/** Aborts when the time is over. A timer cannot be set for longer than 24.8 days. */
export function timeLimit(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(ms, 2 ** 31 - 1));
}

/** Keeps `views` as they are told until it is settled, or `stop` aborts. */
async function follow(
  agent: AgentClient,
  views: Map<string, ResourceView>,
  stop: AbortSignal,
  settled: () => boolean,
): Promise<void> {
  const done = new AbortController();
  try {
    for await (const event of agent.events(AbortSignal.any([stop, done.signal]))) {
      if (event.type === "gone") views.delete(event.name);
      if (event.type !== "resource") continue;
      views.set(event.resource.name, event.resource);
      if (settled()) return;
    }
  } catch (error) {
    // A connection that is given up before it was answered breaks like any other.
    if (!stop.aborted) throw error;
  } finally {
    done.abort();
  }
}

function failure(message: string): CommandError {
  return new CommandError("E_RESOURCE_FAILED", message, {
    hint: "`caisson why RESOURCE` and `caisson logs RESOURCE` tell why.",
  });
}

function judgeNamed(view: ResourceView | undefined, judge: UntilOptions["judge"]): Standing {
  return view === undefined ? "pending" : judge(view);
}

function describe(names: readonly string[], views: ReadonlyMap<string, ResourceView>): string {
  const sentences = names.map((name) => {
    const view = views.get(name);
    if (view === undefined) return `${name} is not there`;
    const reason = reasonOf(view);
    return `${name} is ${view.state}${reason === "" ? "" : ` (${reason})`}`;
  });
  return sentences.join("; ");
}
