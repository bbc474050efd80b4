import { formatFlag, stackFlags, waitFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag, ...waitFlags } as const;

/** `caisson restart`. */
export const restart = defineVerb({
  usage: ["restart [RESOURCE...]"],
  about: `Restarts resources as they are; without names all of them, what others need first. A changed definition or
program takes effect with \`up\`, not here. Replicas of a service that share its port are replaced one after the other: each is
stopped when its successor is ready, and kept when that does not get ready. It returns when they are ready again, or failed.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../act/act.ts")).runAct(context, args, "restart"),
});
