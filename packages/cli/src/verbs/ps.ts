import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb, flag, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag, quiet: flag("print names only", { short: "q" }) } as const;

/** What `ps` was given. */
export type PsArguments = Arguments<typeof flags>;

/** `caisson ps`. */
export const ps = defineVerb({
  usage: ["ps [RESOURCE...]"],
  about: `Lists the resources with their state and health, replicas, addresses, and why a resource is not simply running.
Where the stack is not running it lists what is known from its last run.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../look/ps.ts")).runPs(context, args),
});
