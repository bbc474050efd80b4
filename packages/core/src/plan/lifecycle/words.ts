import type { Exit } from "../lifecycle-types.ts";

/** How a run ended, for people: `exit code 1`, `signal SIGKILL`, `out of memory`. */
export function exitWords(exit: Exit): string {
  if (exit.oom) return "out of memory";
  if (exit.signal !== null) return `signal ${exit.signal}`;
  return exit.code === null ? "an unknown end" : `exit code ${exit.code}`;
}

/** A span of time, for people: `0.5 s`, `2 min`. */
export function spanWords(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 6) / 10;
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`;
}
