import type { AgentClient } from "@caisson/runtime";

/** The hold a foreground `up` has on its stack; when it is released the agent takes the stack down. */
export interface HeldLease {
  readonly release: () => void;
}

/** Takes the lease, and returns once the agent says so. It is lost with this process, however that ends. */
export async function holdLease(agent: AgentClient): Promise<HeldLease> {
  const held = new AbortController();
  const lines = agent.lease(held.signal)[Symbol.asyncIterator]();
  await lines.next();
  void drain(lines);
  return { release: () => held.abort() };
}

/** What else the stream tells is heard elsewhere; it is read so that the agent need not keep it. */
async function drain(lines: AsyncIterator<unknown>): Promise<void> {
  try {
    while ((await lines.next()).done !== true);
  } catch {
    // The agent is gone; whoever follows its events learns so.
  }
}
