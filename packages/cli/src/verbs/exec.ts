import { stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

/** What `exec` was given. */
export type ExecArguments = Arguments<typeof stackFlags>;

/** `caisson exec`. */
export const exec = defineVerb({
  usage: ["exec SERVICE -- COMMAND [ARGS...]"],
  about: `Runs a program beside a running service: in its folder, as its user, and with its environment only (what your
shell has does not reach it, but for the terminal's type and language). Secrets are in files, named by *_FILE variables.
The exit code is the program's; 127 where it is not found, 126 where it is not executable, 128 + N for signal N.`,
  flags: stackFlags,
  words: { name: "SERVICE", min: 1, max: 1, of: "resource" },
  rest: "after-first",
  handlesInterrupt: true,
  run: async (context, args) => (await import("../child/run-exec.ts")).runExec(context, args),
});
