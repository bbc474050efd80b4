import { formatFlag, stackFlags, waitFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag, ...waitFlags } as const;

/** What `scale` was given. */
export type ScaleArguments = Arguments<typeof flags>;

/** `caisson scale`. */
export const scale = defineVerb({
  usage: ["scale NAME=REPLICAS..."],
  about: `Changes how many replicas of a service run, until the next \`up\`, which goes back to what the stack says. With
--wait it returns when as many are ready.`,
  flags,
  words: { name: "NAME=REPLICAS", min: 1, max: Number.POSITIVE_INFINITY, of: "resource" },
  run: async (context, args) => (await import("../act/scale.ts")).runScale(context, args),
});
