import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until the answer fits. Rejects after 45 s with the last answer. */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 45_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
    await delay(10);
  }
}
