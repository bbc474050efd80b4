import { formatFlag, resolveFlags, stackFlags, targetFlag, waitFlags, yesFlag } from "../args/common-flags.ts";
import { replicas, text } from "../args/value-types.ts";
import { anyResources, defineVerb, flag, value, values, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  ...formatFlag,
  ...targetFlag,
  detach: flag("leave the stack running and return when all is up", { short: "d" }),
  wait: flag("as -d, and return only when everything is ready, also what was up before"),
  "wait-timeout": value(
    waitFlags["wait-timeout"].of,
    "as --wait, for at most this long; exit code 17 (default: 5m for what was up before, no limit for the rest)",
  ),
  "dry-run": flag("print the plan and change nothing"),
  without: values(text("NAME"), "leave a resource out, and what needs it; may be repeated"),
  scale: values(replicas, "number of replicas of a service; may be repeated"),
  watch: flag("when a file changes, plan again and restart only what changed", { short: "w" }),
  "allow-overcommit": flag("start even if more memory or CPUs are reserved than the machine has"),
  ...yesFlag,
} as const;

/** What `up` was given. */
export type UpArguments = Arguments<typeof flags>;

/** `caisson up`. */
export const up = defineVerb({
  usage: ["up [-d] [--wait] [RESOURCE...]", "up --dry-run", "up --watch"],
  about: `Brings the stack to what its definition says: starts what is missing, restarts what changed, leaves the rest alone.
With names it starts these and what they need. On a terminal it shows one live table, without one a line an event.

In the foreground it then follows the logs, and Ctrl-C takes the stack down in order (exit code 0; 18 if something had
failed to start); a second Ctrl-C kills what is left. Where the stack ran already, Ctrl-C only leaves it. With -d it
returns when all is up: 0, or 18 when something failed; the rest keeps running either way.`,
  flags,
  words: anyResources,
  handlesInterrupt: true,
  run: async (context, args) => {
    const early = await (await import("../up/agent-ahead.ts")).agentAhead(context, args);
    try {
      return await (await import("../up/run-up.ts")).runUp(context, args, early);
    } finally {
      early?.dismiss();
    }
  },
});
