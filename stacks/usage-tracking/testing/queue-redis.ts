import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./database.ts";

/** A Redis that keeps what it acknowledged, as the stack's `queue` does; `crash` is kill -9. */
export interface QueueRedis extends AsyncDisposable {
  readonly url: string;
  readonly start: () => void;
  readonly crash: () => Promise<void>;
}

const keeping = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", ""];

/** Starts one; `settings` come after those of the stack. It answers a moment later: whoever needs it waits for that. */
export async function startQueueRedis(settings: readonly string[] = []): Promise<QueueRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "usage-queue-"));
  const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  const run = (): ReturnType<typeof spawn> =>
    spawn("redis-server", [...place, ...keeping, ...settings], { stdio: "ignore" });
  let server = run();
  const crash = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    start: () => {
      server = run();
    },
    crash,
    [Symbol.asyncDispose]: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
