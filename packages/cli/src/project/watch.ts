import { CaissonError } from "@caisson/core";
import type { AgentClient, ResourceView } from "@caisson/runtime";
import { CommandError } from "../errors/command-error.ts";
import { reasonOf } from "../render/resources.ts";
import { span } from "../render/time.ts";
import { standingFor, type Standing } from "./settled.ts";

/** What to wait for, and how long at most, ms. */
export interface UntilOptions {
  readonly names: readonly string[];
  /** Where a resource stands; the wait ends when none is pending, or one failed. */
  readonly judge: (view: ResourceView) => Standing;
  /** Completes "not ... within 5m". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** {@link UntilOptions} for one of the conditions that have a name. */
export interface WaitOptions extends Omit<UntilOptions, "judge" | "what"> {
  readonly condition: Parameters<typeof standingFor>[1];
}

/** Waits until every named resource meets a condition; as {@link waitUntil}. */
export function waitFor(agent: AgentClient, { condition, ...rest }: WaitOptions): Promise<void> {
  return waitUntil(agent, { ...rest, what: condition, judge: (view) => standingFor(view, condition) });
}

/**
 * Follows the agent's events until no named resource is pending. Throws E_WAIT_TIMEOUT or E_RESOURCE_FAILED, naming what
 * is missing and why; returns early, without an error, when `signal` aborts.
 */
export async function waitUntil(agent: AgentClient, options: UntilOptions): Promise<void> {
  const { names, judge, what, timeoutMs, signal } = options;
  if (names.length === 0) return;
  const views = new Map<string, ResourceView>();
  const done = new AbortController();
  // A timer cannot be set for longer than 24.8 days.
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1));
  const stop = AbortSignal.any([done.signal, timeout, ...(signal ? [signal] : [])]);
  try {
    for await (const event of agent.events(stop)) {
      if (event.type === "gone") views.delete(event.name);
      if (event.type !== "resource") continue;
      views.set(event.resource.name, event.resource);
      const standings = names.map((name) => judgeNamed(views.get(name), judge));
      const failed = names.filter((_, index) => standings[index] === "failed");
      if (failed.length > 0) throw new CaissonError("E_RESOURCE_FAILED", `failed: ${describe(failed, views)}`);
      if (!standings.includes("pending")) return;
    }
  } finally {
    done.abort();
  }
  if (signal?.aborted === true) return;
  const late = describe(
    names.filter((name) => judgeNamed(views.get(name), judge) === "pending"),
    views,
  );
  if (timeout.aborted) throw new CommandError("E_WAIT_TIMEOUT", `not ${what} within ${span(timeoutMs)}: ${late}`);
  throw new CaissonError("E_RESOURCE_FAILED", `the stack went down before all was ${what}: ${late}`);
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
