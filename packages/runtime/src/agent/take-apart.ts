/** Each by itself: a folder that cannot be removed (a mount point, say) must not keep the agent and its lock alive. */
export function takeApart(log: (line: string) => void, steps: readonly (() => unknown)[]): void {
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      log(`while it ended: ${String(error)}`);
    }
  }
}
