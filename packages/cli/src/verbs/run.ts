import { resolveFlags, stackFlags } from "../args/common-flags.ts";
import { text } from "../args/value-types.ts";
import { defineVerb, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  as: value(text("SERVICE"), "run COMMAND with this service's environment"),
} as const;

/** What `run` was given. */
export type RunArguments = Arguments<typeof flags>;

/** `caisson run`. */
export const run = defineVerb({
  usage: ["run NAME [-- ARGS...]", "run --as SERVICE -- COMMAND [ARGS...]", "run -- COMMAND [ARGS...]"],
  about: `Runs a program outside the stack, wired to it. The stack must be running.

  run NAME           a \`command\` (or job, or schedule) of the stack, with its references resolved; ARGS follow its own
  run --as SERVICE   any program, with SERVICE's variables added to your environment
  run -- COMMAND     any program, with the wiring of every resource that has an address: <NAME>_HOST, <NAME>_PORT and
                     <NAME>_URL, or for a store <NAME>_USERNAME, <NAME>_DATABASE, <NAME>_PASSWORD_FILE and
                     <NAME>_URL_FILE (files of mode 0600, removed afterwards)

It runs in your folder, so that file names mean what they say (a program with a folder of its own runs there). The exit
code is the program's; 127 where it is not found, 126 where it is not executable, 128 + N for signal N.
Of a stack on a Docker Engine the first two run in a container of their own, on the networks of the resource and without
your files and variables: give it what it reads on its standard input.`,
  flags,
  words: { name: "NAME", min: 0, max: 1, of: "resource" },
  rest: "after-dashes",
  handlesInterrupt: true,
  run: async (context, args) => (await import("../child/run-run.ts")).runRun(context, args),
});
