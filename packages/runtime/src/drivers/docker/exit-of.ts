import { constants } from "node:os";
import type { Exit } from "@caisson/core/run";

/** How a container ended. The engine tells a signal as 128 and its number, as shells do. */
export function exitOf({
  ExitCode: code,
  OOMKilled: oom,
}: {
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}): Exit {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? { code, signal: null, oom } : { code: null, signal, oom };
}
