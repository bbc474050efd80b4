import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../../host/error-code.ts";

const retryMs = 100;
const shortages: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN"]);

/**
 * Does what must be done in the end, however short of descriptors or memory we are at the moment: a kill that was given
 * up would leave its unit stopping for ever. Other errors are the caller's.
 */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!shortages.has(errorCode(error) ?? "")) throw error;
      await delay(retryMs);
    }
  }
}
