import { existsSync } from "node:fs";
import { agentFor, connectAgent, type AgentClient } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { CommandError } from "../errors/command-error.ts";
import { tint } from "../render/style.ts";
import { openStack, type OpenStack, type StackFlags, type World } from "./open.ts";

/** A stack whose agent runs. */
export interface RunningStack {
  readonly open: OpenStack;
  readonly agent: AgentClient;
}

/** The stack a command is about, and its agent. Throws E_NOT_RUNNING when there is none. */
export async function runningStack(world: World & Pick<Context, "stderr">, flags: StackFlags): Promise<RunningStack> {
  const open = await openStack(world, flags);
  const agent = await connectAgent(open.project);
  if (agent === undefined) throw open.broken ?? notRunning(open);
  tellBroken(world, open);
  return { open, agent };
}

/** Says that a command goes by what a stack was, because its file cannot be loaded. */
export function tellBroken({ stderr }: Pick<Context, "stderr">, { file, broken }: OpenStack): void {
  if (broken)
    stderr.write(
      tint(`note: ${file} cannot be loaded as it is now; this is the stack as it was\n`, "dim", stderr.color),
    );
}

/** E_NOT_RUNNING, naming the stack. */
export function notRunning({ project }: Pick<OpenStack, "project">): CommandError {
  const ran = existsSync(agentFor(project).stateFile);
  return new CommandError("E_NOT_RUNNING", `stack ${project.stack} (${project.environment}) is not running`, {
    hint: `Start it with \`caisson up\`${ran ? ", or, after a restart of its host, as it ran with `caisson start`" : ""}.`,
  });
}

/** The resources of these names, in the order asked; no names: all. Throws E_RESOURCE_UNKNOWN with the nearest name. */
export function pick<R extends Named>(resources: readonly R[], names: readonly string[]): readonly R[] {
  if (names.length === 0) return resources;
  return [...new Set(names)].map(
    (name) => resources.find((each) => each.name === name) ?? unknownResource(name, resources),
  );
}

/** A resource, or what is shown of one. */
interface Named {
  readonly name: string;
  /** Of a pod that is shown: names. */
  readonly members?: readonly unknown[];
}

/** The pod that a member runs in, where it has no container of its own. */
export function podOf(resources: readonly Named[], name: string): string | undefined {
  return resources.find(({ members = [] }) => members.includes(name))?.name;
}

function unknownResource(name: string, resources: readonly Named[]): never {
  const pod = podOf(resources, name);
  if (pod !== undefined)
    throw new CommandError("E_RESOURCE_UNKNOWN", `${name} has no container of its own: it runs in the pod ${pod}`, {
      hint: `Name the pod: ${pod}.`,
    });
  const known = resources.map((each) => each.name);
  const among = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  throw new CommandError("E_RESOURCE_UNKNOWN", `the stack has no resource ${JSON.stringify(name)} (${among})`, {
    suggest: { word: name, among: known },
    hint: "`caisson ps` lists the resources.",
  });
}
