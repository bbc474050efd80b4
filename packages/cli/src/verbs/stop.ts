import { formatFlag, stackFlags, waitFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag, "wait-timeout": waitFlags["wait-timeout"] } as const;

/** `caisson stop`. */
export const stop = defineVerb({
  usage: ["stop [RESOURCE...]"],
  about: `Stops resources and leaves them stopped until \`start\` or \`up\`; without names all of them, dependants first. It
returns when they have ended. The stack itself stays: \`down\` ends it.`,
  flags,
  words: anyResources,
  run: async (context, args) =>
    (await import("../act/act.ts")).runAct(context, { ...args, flags: { ...args.flags, wait: false } }, "stop"),
});
