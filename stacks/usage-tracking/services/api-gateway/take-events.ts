import type { Handles } from "@caisson/kit";
import { InboxRefusal, type GroupCommit, type InboxItem } from "../../inbox/group-commit.ts";
import type { apiGateway } from "./contract.ts";
import type { Answered } from "./idempotency.ts";
import type { JudgedRequest, JudgeParts } from "./judge-request.ts";
import { unavailable } from "./refuse.ts";

/** What taking events needs. */
export interface TakeParts extends JudgeParts {
  readonly commit: GroupCommit;
  readonly metrics: Handles<(typeof apiGateway)["metrics"]>;
}

/** Waits until what a request has accepted is durable; then its answer is true. */
export async function takeEvents(judged: JudgedRequest, tenant: number, parts: TakeParts): Promise<Answered> {
  if (judged.item) await store(judged.item, parts);
  parts.recent.add(tenant, judged.ids);
  count(judged.counts, parts.metrics);
  return judged.answered;
}

function count({ late, ...counts }: JudgedRequest["counts"], metrics: TakeParts["metrics"]): void {
  for (const [result, events] of Object.entries(counts)) if (events > 0) metrics.ingested.inc({ result }, events);
  if (late > 0) metrics.late.inc(late);
}

async function store(item: InboxItem, { commit, metrics }: TakeParts): Promise<void> {
  const began = performance.now();
  try {
    const done = commit.submit(item);
    metrics.pendingBytes.set(commit.pendingBytes());
    await done;
    metrics.ackSeconds.observe((performance.now() - began) / 1000);
  } catch (error) {
    if (!(error instanceof InboxRefusal)) throw error;
    metrics.refused.inc({ reason: error.reason });
    const seconds = error.reason === "disk" ? 60 : 1;
    throw unavailable(`the events were not stored (inbox ${error.reason}); send them again`, error, seconds);
  } finally {
    metrics.pendingBytes.set(commit.pendingBytes());
  }
}
