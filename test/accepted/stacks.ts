import { resolveStack, type ResolvedStack } from "@caisson/core";
import biAgent from "../../stacks/bi-agent/stack.ts";
import dreamscape from "../../stacks/dreamscape/stack.ts";
import dyocense from "../../stacks/dyocense/stack.ts";
import taylordash from "../../stacks/taylordash/stack.ts";
import usageTracking from "../../stacks/usage-tracking/stack.ts";

/** The five stacks in each of their environments, with everything on that a profile can switch on. */
export const wholeStacks: readonly ResolvedStack[] = [biAgent, dreamscape, dyocense, taylordash, usageTracking].flatMap(
  (definition) =>
    Object.keys(definition.environments).map((environment) => {
      const { all } = resolveStack(definition, { environment }).profiles;
      return resolveStack(definition, { environment, profiles: all });
    }),
);

/** The image a bundle names for the stack's own programs. */
export const stackImage = {
  reference: "caisson/stack:0123456789ab",
  root: "/app",
  builtins: { provision: "/app/provision.js", pod: "/app/pod.js" },
};
