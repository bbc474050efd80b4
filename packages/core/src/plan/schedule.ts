import type { ScheduleSpec } from "../model/resource.ts";

/** What must survive a restart so that no slot runs twice. Slots are epoch ms. */
export interface ScheduleState {
  /** The newest slot that was dealt with, whatever became of it; `null` before the first. */
  readonly lastSlot: number | null;
  /** Slots that wait for the run before them, oldest first. */
  readonly queued: readonly number[];
}

/** What is so at this moment. `slots`: those of the cron expression after `lastSlot` up to `now`, ascending. */
export interface ScheduleMoment {
  readonly now: number;
  readonly slots: readonly number[];
  /** Its last run has not ended yet. */
  readonly running: boolean;
}

/** The slot to run now, if any, and those that never run. Store `state` before the run starts: never twice for a slot. */
export interface ScheduleDecision {
  readonly state: ScheduleState;
  readonly run: number | null;
  readonly skipped: readonly number[];
}

/** A schedule nothing has happened to. */
export const freshSchedule: ScheduleState = { lastSlot: null, queued: [] };

/** A slot this much past is not late yet: timers are not exact, and an agent may be busy. */
export const onTimeMs = 60_000;

/** More waiting runs than this would never be caught up with; further slots are skipped. */
export const mostQueued = 100;

/**
 * Decides at a slot and at the end of a run. Slots that passed unnoticed (the stack was down) follow `missed`: none, the
 * last of them, or all, one after the other. A slot that comes while a run goes on or waits follows `overlap`: it is
 * skipped, or queued. Without a `lastSlot` nothing counts as missed: the schedule is new.
 */
export function scheduleStep(
  policy: Pick<ScheduleSpec, "overlap" | "missed">,
  { lastSlot, queued }: ScheduleState,
  { now, slots, running }: ScheduleMoment,
): ScheduleDecision {
  const due = slots.filter((slot) => slot <= now && (lastSlot === null || slot > lastSlot));
  const late = due.filter((slot) => now - slot > onTimeMs);
  const caughtUp = lastSlot === null ? [] : catchUp(policy.missed, late);
  const queue = [...queued];
  const skipped = late.filter((slot) => !caughtUp.includes(slot));
  for (const slot of caughtUp) (queue.length < mostQueued ? queue : skipped).push(slot);
  for (const slot of due.slice(late.length)) {
    const free = !running && queue.length === 0;
    const fits = free || (policy.overlap === "queue" && queue.length < mostQueued);
    (fits ? queue : skipped).push(slot);
  }
  const run = running ? null : (queue.shift() ?? null);
  return { state: { lastSlot: due.at(-1) ?? lastSlot, queued: queue }, run, skipped };
}

function catchUp(missed: ScheduleSpec["missed"], late: readonly number[]): readonly number[] {
  if (missed === "all") return late.slice(-mostQueued);
  return missed === "last" ? late.slice(-1) : [];
}
