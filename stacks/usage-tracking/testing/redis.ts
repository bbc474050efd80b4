import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "./database.ts";

/** Whether this machine has a Redis to test with. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

/** A real Redis on a free port, keeping nothing; `crash` is kill -9. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly start: () => void;
  readonly crash: () => Promise<void>;
}

/** Starts a Redis. It answers a moment later: whoever needs it waits for that. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const run = (): ReturnType<typeof spawn> =>
    spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], { stdio: "ignore" });
  let server = run();
  const crash = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    start: () => {
      server = run();
    },
    crash,
    [Symbol.asyncDispose]: crash,
  };
}
