import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { choice, duration } from "../args/value-types.ts";
import { anyResources, defineVerb, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...formatFlag,
  for: value(choice(["ready", "started", "completed", "stopped"]), "what to wait for (default: ready)"),
  timeout: value(duration, "how long to wait (default: 5m)"),
} as const;

/** What `wait` was given. */
export type WaitArguments = Arguments<typeof flags>;

/** `caisson wait`. */
export const wait = defineVerb({
  usage: ["wait [--for ready|started|completed|stopped] [--timeout DURATION] [RESOURCE...]"],
  about: `Waits until the resources named, or all, are ready: services healthy, jobs ended well. Exit code 0: they are;
17: the time is over; 18: one failed; 7: the stack is not running.`,
  flags,
  words: anyResources,
  run: async (context, args) => (await import("../look/wait.ts")).runWait(context, args),
});
