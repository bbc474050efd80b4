import type { ResolvedStack } from "../../model/resolved.ts";
import type { StackImage } from "../compose/context.ts";
import { beyondShell } from "../compose/secrets.ts";
import type { ComposeService } from "../compose/service.ts";

/** What a stack file cannot say, or Swarm does less well than Caisson. `unrun`: commands that run nowhere. */
export function swarmWarnings(
  stack: ResolvedStack,
  services: readonly ComposeService[],
  image: StackImage,
  unrun: readonly string[],
): string[] {
  const named = (has: (service: ComposeService) => boolean): string =>
    services
      .filter(has)
      .map(({ resource }) => resource.name)
      .join(", ");
  const say = (names: string, what: string): string[] => (names === "" ? [] : [`${names}: ${what}`]);
  return [
    "a stack file cannot say no-new-privileges: every service lacks it",
    "services start in any order: a stack file has no gates, so each waits in its own readiness",
    ...say(
      named(({ body }) => body["shm_size"] !== undefined),
      "the size of /dev/shm cannot be said; it stays 64 MB",
    ),
    ...say(
      named(({ launch }) => launch.facet.hostPaths.length > 0),
      "sees the one node it runs on; logs and metrics of containers on others are not collected",
    ),
    ...say(
      named(({ launch }) => launch.facet.image.kind === "stack" && !image.pushed),
      "the image is local: `caisson images push REGISTRY` and render with `--registry`, or load it on every node first",
    ),
    ...say(
      named(({ launch }) => launch.facet.tmpfs.length > 0),
      "owner and mode of folders in memory cannot be said; they are root's, open to all",
    ),
    ...say(beyondShell(services).join(", "), "init-secrets.sh cannot make it: `caisson secret export` does"),
    ...stack.resources
      .filter(({ kind }) => kind === "schedule")
      .map(({ name }) => `${name} is left out: a stack file runs no schedule`),
    ...unrun.map((name) => `${name} is left out: a stack file runs no command, and no service has all that it reads`),
  ];
}
