import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag } as const;

/** What `health` was given. */
export type HealthArguments = Arguments<typeof flags>;

/** `caisson health`. */
export const health = defineVerb({
  usage: ["health [RESOURCE...]"],
  about: `Tells whether everything that should run is healthy. Exit code 0: it is; 18: something is not, and is listed;
7: the stack is not running. Jobs that ended well are healthy; what was stopped by hand does not count.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../look/health.ts")).runHealth(context, args),
});
