import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag } as const;

/** What `why` was given. */
export type WhyArguments = Arguments<typeof flags>;

/** `caisson why`. */
export const why = defineVerb({
  usage: ["why [RESOURCE]"],
  about: `Tells why a resource is as it is: what it waits for and since when, down to the cause; the last probe's answer; how
its last run ended; its last log lines. Without a name it takes whatever is not as it should be.`,
  flags,
  words: { name: "RESOURCE", min: 0, max: 1, of: "resource" },
  run: async (context, args) => (await import("../look/why.ts")).runWhy(context, args),
});
