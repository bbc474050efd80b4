import { formatFlag, resolveFlags, stackFlags, targetFlag } from "../args/common-flags.ts";
import { replicas, text } from "../args/value-types.ts";
import { anyResources, defineVerb, values, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  ...formatFlag,
  ...targetFlag,
  without: values(text("NAME"), "leave a resource out, and what needs it; may be repeated"),
  scale: values(replicas, "number of replicas of a service; may be repeated"),
} as const;

/** What `plan` was given. */
export type PlanArguments = Arguments<typeof flags>;

/** `caisson plan`. */
export const plan = defineVerb({
  usage: ["plan [RESOURCE...]"],
  about: `Prints what \`up\` would do, one operation a line, each with its cause; changes nothing and starts nothing. It is
the same as \`up --dry-run\`.`,
  flags,
  words: anyResources,
  run: async (context, { flags: { without, scale, ...rest }, words }) => {
    const { runPlan } = await import("../up/run-plan.ts");
    return runPlan(context, rest, { ...rest, without, scale, only: words, yes: false, allowOvercommit: false });
  },
});
