import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag } as const;

/** What `diff` was given. */
export type DiffArguments = Arguments<typeof flags>;

/** `caisson diff`. */
export const diff = defineVerb({
  usage: ["diff [RESOURCE...]"],
  about: `Tells where what runs is not as it was started, because somebody changed it by hand: files that Caisson wrote, and on a
Docker Engine a container's limits, restart policy, networks, name, and a pause. It changes nothing; \`caisson restart\` makes
the resource anew. What \`up\` would change, because the definition did, is \`caisson plan\`. Exit code 0: nothing differs; 19:
something does, and is listed.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../look/diff.ts")).runDiff(context, args),
});
