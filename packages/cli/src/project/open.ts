import type { ResolvedStack, StackDefinition } from "@caisson/core";
import { findStack, type Project } from "@caisson/runtime";
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { stackSource } from "../cache/stack-source.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import { paramSources } from "./param-sources.ts";

/** What {@link stackFlags} give. */
export interface StackFlags {
  readonly file: string | undefined;
  readonly env: string | undefined;
}

/** What {@link resolveFlags} give. */
export interface ResolveFlags {
  readonly profile: readonly string[];
  readonly set: readonly (readonly [string, string])[];
  readonly "env-file": string | undefined;
}

/** What may differ from one `up` to the next. */
export interface Choices {
  readonly without?: readonly string[];
  readonly scale?: readonly (readonly [string, number])[];
}

/** What finding and working out a stack depends on. */
export type World = Pick<Context, "cwd" | "env" | "now">;

/** A stack file and which of its environments a command is about. */
export interface OpenStack {
  readonly root: string;
  readonly file: string;
  readonly project: Project;
  /** Why the file cannot be loaded as it is now; `project` is then what it was, and the rest throws this. */
  readonly broken: Error | undefined;
  definition(): Promise<StackDefinition>;
  /** The stack worked out, module files relative to the root. Throws all its problems at once. */
  resolve(flags: ResolveFlags, choices?: Choices): Promise<ResolvedStack>;
  /** Hashes of the sources of its programs, by resource name. */
  programHashes(stack: ResolvedStack): Promise<Readonly<Record<string, string>>>;
}

/** Finds the stack a command is about. Throws E_STACK_LOAD, or E_ENVIRONMENT_UNKNOWN with the nearest name. */
export async function openStack(world: World, flags: StackFlags): Promise<OpenStack> {
  const file = realpathSync(findStack(world.cwd, flags.file));
  const source = await stackSource(file, world);
  const { root, name, environments, variables } = source.facts;
  const environment = flags.env ?? environments[0] ?? "dev";
  if (!environments.includes(environment))
    throw new CommandError(
      "E_ENVIRONMENT_UNKNOWN",
      `stack ${name} has no environment ${JSON.stringify(environment)} (it has ${environments.join(", ")})`,
      {
        suggest: { word: environment, among: environments },
        hint: "Use one of the stack's environments, or add it to `environments`.",
      },
    );
  return {
    root,
    file,
    project: { root, stack: name, environment },
    broken: source.broken,
    definition: () => source.definition(),
    programHashes: (stack) => source.programHashes(stack),
    async resolve({ profile, ...given }, { without = [], scale = [] } = {}) {
      const params = paramSources(world, { root, file }, given, variables);
      const options = { environment, profiles: profile, without, scale: Object.fromEntries(scale), params };
      const key = createHash("sha256").update(JSON.stringify(options)).digest("hex");
      const known = source.recall(key);
      if (known) return known;
      const definition = await source.definition();
      const { resolveStack } = await import("@caisson/core");
      const { relativeModules } = await import("@caisson/runtime/load");
      const stack = relativeModules(resolveStack(definition, options), root);
      source.remember(key, stack);
      return stack;
    },
  };
}
