import { formatFlag, stackFlags, yesFlag } from "../args/common-flags.ts";
import { defineVerb, flag, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...formatFlag,
  volumes: flag("remove the data too, after listing it with its size and asking", { short: "v", env: false }),
  all: flag("every stack and environment of this project that has state here", { env: false }),
  "dry-run": flag("print what would go and change nothing"),
  ...yesFlag,
} as const;

/** What `down` was given. */
export type DownArguments = Arguments<typeof flags>;

/** `caisson down`. */
export const down = defineVerb({
  usage: ["down [-v] [--all]"],
  about: `Stops everything in order, dependants before what they need, and ends the stack's agent. Data stays, unless -v is
given: then the data is listed with its size, and removed after a yes (or --yes). Secrets stay with the data they
belong to, and go with it. What is not running is down already: exit code 0. While it goes on, Ctrl-C twice kills what
is left.`,
  flags,
  handlesInterrupt: true,
  run: async (context, args) => (await import("../down/run-down.ts")).runDown(context, args),
});
