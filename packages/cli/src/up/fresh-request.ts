import type { UpRequest } from "@caisson/runtime";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Context } from "../context.ts";
import { reportedError, type ToldError } from "../errors/reported-error.ts";
import type { OpenStack } from "../project/open.ts";
import type { UpChoices } from "./request.ts";

/** What the worker is given. */
export interface WorkerData {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: string;
  readonly environment: string;
  readonly choices: UpChoices;
}

/** What it answers. */
export type WorkerAnswer = { readonly request: UpRequest } | { readonly error: ToldError };

/**
 * The request of a stack whose files changed. A process imports a module once, so it is worked out in a worker, which
 * has modules of its own and ends afterwards. Throws what is wrong with the stack as it is now.
 */
export async function freshRequest(
  context: Context,
  { file, project }: OpenStack,
  choices: UpChoices,
): Promise<UpRequest> {
  const { cwd, env } = context;
  const workerData: WorkerData = { cwd, env: { ...env }, file, environment: project.environment, choices };
  const worker = new Worker(new URL(`../up/request-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
  });
  const answer = await new Promise<WorkerAnswer>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code} before it answered`)));
  });
  if ("error" in answer) throw reportedError(answer.error);
  return answer.request;
}
