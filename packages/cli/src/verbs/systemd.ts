import { stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

/** What `systemd` was given. */
export type SystemdArguments = Arguments<typeof stackFlags>;

/** `caisson systemd`. */
export const systemd = defineVerb({
  usage: ["systemd"],
  about: `Prints a systemd unit that runs the stack's agent: from then on the host starts it, again when it is killed, and
when the host itself was restarted. What ran is taken up again as by \`caisson start\`; a stack that was taken down
stays down. For root it is a unit of the system, for others one of the user's own.

Enabled while the stack runs, it takes the agent over once no \`up\` or \`down\` is under way and no \`up\` stays in the
foreground; nothing is restarted for it. After a \`down\` and an \`up\`, and after an \`up\` of a newer caisson, the agent is the
command's again until the unit is started.`,
  flags: stackFlags,
  run: async (context, args) => (await import("../systemd/run-systemd.ts")).runSystemd(context, args),
});
