import { acquireLock } from "../lock.ts";

// argv: lock file. Drops the lock's handle and collects garbage (run with --expose-gc), as the lock must outlive both. Says "locked" or the error's code and message, then stays until its standard input ends.
const [file = ""] = process.argv.slice(2);
try {
  acquireLock(file, "/run/agent.sock");
  // the handle is garbage only once this turn's stack is gone
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  process.stdout.write("locked\n");
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : "";
  process.stdout.write(`${JSON.stringify({ code, message: error instanceof Error ? error.message : "" })}\n`);
}
process.stdin.resume();
