import { formatFlag, resolveFlags, stackFlags } from "../args/common-flags.ts";
import { defineVerb, flag, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  ...formatFlag,
  "env-example": flag("print a template for .env, with every parameter explained"),
} as const;

/** What `config` was given. */
export type ConfigArguments = Arguments<typeof flags>;

/** `caisson config`. */
export const config = defineVerb({
  usage: ["config [--format json]", "config --env-example > .env"],
  about: `Prints the stack's parameters: their values as they are now, where each comes from, and the variable that sets it.
With --format json it prints the whole stack as it is worked out. With --env-example it prints a template.`,
  flags,
  run: async (context, args) => (await import("../define/config.ts")).runConfig(context, args),
});
