/** Called by the state at each point where a crash could matter; the label says which. Does nothing in earnest. */
export type CrashPoint = (label: string) => void;

/** A crash point that kills this process (SIGKILL) the k-th time it is reached, k from 1. For the crash tests. */
export function crashAt(k: number): CrashPoint {
  let reached = 0;
  return () => {
    if (++reached === k) process.kill(process.pid, "SIGKILL");
  };
}
