import { formatFlag, stackFlags, waitFlags } from "../args/common-flags.ts";
import { anyResources, defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag, ...waitFlags } as const;

/** What `start`, `stop` and `restart` were given. */
export type ActArguments = Arguments<typeof flags>;

/** `caisson start`. */
export const start = defineVerb({
  usage: ["start [RESOURCE...]"],
  about: `Starts resources that were stopped, in the order of what they need; without names all of them. It returns when
they run, with --wait when they are ready.

Where the agent is gone (it was killed, the host was restarted), \`start\` without names takes up again what ran, as it
ran: with the profiles, parameters and replicas of the last \`up\`. What was stopped by hand stays stopped, what failed for good stays failed, and a stack that
was taken down stays down (7). \`caisson systemd\` has the host do this by itself.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../act/act.ts")).runAct(context, args, "start"),
});
