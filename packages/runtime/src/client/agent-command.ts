import { ownProgram } from "../host/own-program.ts";
import type { TargetName } from "../target/target.ts";
import { projectLayout } from "./project-layout.ts";
import type { Project } from "./project.ts";

/** How an agent begins. */
export interface AgentOptions {
  readonly target?: TargetName | undefined;
  /** Starts again what ran when its host or the agent before it went away. Default: looks after what still runs. */
  readonly resume?: boolean;
  /** Does nothing before it reads `serve` on its standard input. Default: serves at once, in the place of one that runs. */
  readonly held?: boolean;
}

/**
 * What keeps an idle agent small, at little cost to one that works: a small young generation, one of V8's three optimising
 * tiers less and one helper thread instead of four, and the memory of an `up` given back after it (see `memory-rest.ts`).
 */
const smallIdle = ["--max-semi-space-size=1", "--no-maglev", "--v8-pool-size=1", "--expose-gc"] as const;

/** The command line of a project's agent, and what its environment needs besides. */
export function agentCommand(
  project: Project,
  { target, resume = false, held = false }: AgentOptions,
): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const { root, stack, environment } = project;
  return {
    argv: [
      process.execPath,
      ...smallIdle,
      ownProgram("agent"),
      "--root",
      root,
      "--stack",
      stack,
      "--environment",
      environment,
      ...(target === undefined ? [] : ["--target", target]),
      ...(resume ? ["--resume"] : []),
      ...(held ? ["--held"] : []),
    ],
    // One arena: threads that each allocate from their own keep more than they use.
    env: { NODE_COMPILE_CACHE: projectLayout(project).compileCache, MALLOC_ARENA_MAX: "1" },
  };
}
