import type { UpResult } from "@caisson/runtime";
import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { Context } from "../context.ts";
import { errorText } from "../errors/report.ts";
import { tint } from "../render/style.ts";
import { applyRequest } from "./apply.ts";
import { changeQueue, type ChangeQueue } from "./change-queue.ts";
import type { Session } from "./foreground.ts";
import { freshRequest } from "./fresh-request.ts";
import { watchFolders } from "./watch-folders.ts";

/** How long it must be quiet before a change is taken up, ms. */
const quietMs = 100;

/**
 * Until `stop`: when files change, works the stack out anew and hands it to the agent, which restarts only what changed
 * and keeps what ran where the new one does not start. A stack that is wrong meanwhile is reported and changes nothing.
 */
export async function watchStack(context: Context, session: Session, stop: AbortSignal): Promise<void> {
  const queue = changeQueue(quietMs);
  const { root } = session.open;
  const stopped = new AbortController();
  watchFolders(root, queue.add, AbortSignal.any([stop, stopped.signal]));
  context.stderr.write(`watching ${root}\n`);
  try {
    while (!stop.aborted) {
      const files = await queue.next(stop);
      if (files.length > 0) await takeUp(context, session, files, queue, stop);
    }
  } finally {
    stopped.abort();
  }
}

async function takeUp(
  context: Context,
  { agent, open, choices }: Session,
  files: readonly string[],
  queue: ChangeQueue,
  stop: AbortSignal,
): Promise<void> {
  const { stderr } = context;
  const say = (text: string): void => void stderr.write(`${tint("watch", "strong", stderr.color)}: ${text}\n`);
  try {
    const request = await freshRequest(context, open, choices);
    // An editor's temporary file has come and gone.
    const left = files.filter((file) => existsSync(file));
    const named = (left.length > 0 ? left : files).map((file) => relative(open.root, file));
    say(`${named.join(", ")} changed`);
    const progress = { event: () => {}, end: () => {} };
    // A newer change is planned at once; it need not wait for a program that does not get ready.
    const signal = AbortSignal.any([stop, queue.arrival()]);
    const result = await applyRequest(context, agent, request, progress, signal);
    if (result) for (const line of outcome(result)) say(line);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "CaissonError" || !("code" in error)) throw error;
    const hint = "hint" in error ? String(error.hint) : "";
    stderr.write(errorText(String(error.code), error.message, hint, stderr));
    say("the stack stays as it is until the file is mended");
  }
}

function outcome({ changed, failed }: UpResult): string[] {
  if (failed.length > 0) return failed.map(({ resource, reason }) => `${resource} was not replaced: ${reason}`);
  return [changed.length === 0 ? "nothing to restart" : `${changed.join(", ")} took it up`];
}
