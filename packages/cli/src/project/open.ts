import { CaissonError, nearest, resolveStack, type ResolvedStack, type StackDefinition } from "@caisson/core";
import { findStack, loadStack, type Project } from "@caisson/runtime";
import type { Context } from "../context.ts";
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

/** A stack file, loaded, and which of its environments a command is about. */
export interface OpenStack {
  readonly definition: StackDefinition;
  readonly root: string;
  readonly file: string;
  readonly project: Project;
}

/** Finds and loads the stack a command is about. Throws E_STACK_LOAD, or E_ENVIRONMENT_UNKNOWN with the nearest name. */
export async function openStack({ cwd }: Pick<Context, "cwd">, flags: StackFlags): Promise<OpenStack> {
  const { definition, root, file } = await loadStack(findStack(cwd, flags.file));
  const environments = Object.keys(definition.environments);
  const environment = flags.env ?? environments[0] ?? "dev";
  if (!environments.includes(environment)) {
    const near = nearest(environment, environments);
    throw new CaissonError(
      "E_ENVIRONMENT_UNKNOWN",
      `stack ${definition.name} has no environment ${JSON.stringify(environment)}${near ? `; did you mean ${near}?` : ""} (it has ${environments.join(", ") || "none"})`,
    );
  }
  return { definition, root, file, project: { root, stack: definition.name, environment } };
}

/** What may differ from one `up` to the next. */
export interface Choices {
  readonly without?: readonly string[];
  readonly scale?: readonly (readonly [string, number])[];
}

/** The open stack, worked out with the parameters and profiles of this command line. Throws all its problems at once. */
export function resolveOpen(
  context: Pick<Context, "cwd" | "env">,
  { definition, root, file, project }: OpenStack,
  flags: ResolveFlags,
  choices: Choices = {},
): ResolvedStack {
  return resolveStack(definition, {
    environment: project.environment,
    profiles: flags.profile,
    without: choices.without ?? [],
    scale: Object.fromEntries(choices.scale ?? []),
    params: paramSources(context, { root, file }, flags),
  });
}
