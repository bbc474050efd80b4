import type { Action, Operation, Plan } from "@caisson/core/run";

/** How one operation ended. `cancelled`: something it waits for failed. */
export interface OperationResult {
  readonly operation: Operation;
  readonly status: "done" | "failed" | "cancelled";
  readonly reason?: string;
}

/** Does what one operation says. Throws when it cannot; decides nothing. */
export type Perform = (operation: Operation, signal: AbortSignal) => Promise<void>;

/**
 * Walks a plan: an operation starts when all it waits for is done. A failure cancels what waits for it and lets the
 * other branches end. `tell` hears each result as it comes; all results are returned in the order of the plan.
 */
export async function execute(
  plan: Plan,
  perform: Perform,
  tell: (result: OperationResult) => void,
  signal: AbortSignal,
): Promise<readonly OperationResult[]> {
  const results = new Map<number, Promise<OperationResult>>();
  for (const operation of plan.operations) {
    const before = operation.after.map((id) => results.get(id));
    const result = runOne(operation, before, perform, signal);
    results.set(operation.id, result);
    void result.then(tell);
  }
  return Promise.all(results.values());
}

/** The resource an action is about. */
export function subjectOf(action: Action): string {
  return action.type === "rename-volumes" ? action.to : action.resource;
}

async function runOne(
  operation: Operation,
  before: readonly (Promise<OperationResult> | undefined)[],
  perform: Perform,
  signal: AbortSignal,
): Promise<OperationResult> {
  const earlier = await Promise.all(before);
  const blocker = earlier.find((result) => result !== undefined && result.status !== "done");
  if (blocker)
    return { operation, status: "cancelled", reason: `${subjectOf(blocker.operation.action)} ${blocker.status}` };
  if (signal.aborted) return { operation, status: "cancelled", reason: "interrupted" };
  try {
    await perform(operation, signal);
    return { operation, status: "done" };
  } catch (error) {
    return { operation, status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}
