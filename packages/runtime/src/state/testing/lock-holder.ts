import { acquireLock } from "../lock.ts";

// argv: lock file. Says "locked" or the error's code and message, then stays until its standard input ends.
const [file = ""] = process.argv.slice(2);
try {
  acquireLock(file, "/run/agent.sock");
  process.stdout.write("locked\n");
} catch (error) {
  const code = error instanceof Error && "code" in error ? error.code : "";
  process.stdout.write(`${JSON.stringify({ code, message: error instanceof Error ? error.message : "" })}\n`);
}
process.stdin.resume();
