import { setTimeout as delay } from "node:timers/promises";

/** Waits for what no event tells of; fails after `patienceMs` with what it waited for. */
export async function until(what: string, holds: () => Promise<boolean>, patienceMs = 60_000): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > patienceMs) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await delay(100);
  }
}
