import { parentPort, workerData } from "node:worker_threads";
import { openStack } from "../project/open.ts";
import type { WorkerAnswer, WorkerData } from "./fresh-request.ts";
import { upRequest } from "./request.ts";

// A worker's entry: it runs when it is loaded. `fresh-request.ts` made the data.
const { cwd, env, file, environment, choices } = workerData as WorkerData;

async function work(): Promise<WorkerAnswer> {
  try {
    const open = await openStack({ cwd, env, now: Date.now }, { file, env: environment });
    return { request: await upRequest(open, choices) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "CaissonError" || !("code" in error)) throw error;
    const hint = "hint" in error ? String(error.hint) : "";
    return { error: { code: String(error.code), message: error.message, hint } };
  }
}

// A rejection is heard as the worker's `error`.
void work().then((answer) => parentPort?.postMessage(answer));
