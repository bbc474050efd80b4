import type { ResolvedStack } from "../../model/resolved.ts";
import { composeContext, type StackImage } from "../compose/context.ts";
import { envExample, onEachNode } from "../compose/ports.ts";
import { configFiles, type Bundle } from "../compose/render-compose.ts";
import { initSecretsScript } from "../compose/secrets.ts";
import { composeService } from "../compose/service.ts";
import { deployScript } from "./deploy-script.ts";
import { readme } from "./readme.ts";
import { hosted, runScript } from "./run-script.ts";
import { stackFile } from "./stack-file.ts";
import { swarmWarnings } from "./warnings.ts";

/**
 * A stack file for `docker stack deploy`, its configs and the scripts that fill its secrets and deploy it. Files are Swarm's
 * configs and secrets, owned by the service's user; what a stack file cannot say is a warning.
 */
export function renderSwarm(resolved: ResolvedStack, image: StackImage): Bundle {
  const context = composeContext(resolved, image);
  const { stack } = context;
  const all = stack.resources
    .filter(({ kind }) => kind !== "schedule")
    .flatMap((resource) => composeService(context, resource) ?? []);
  const services = all.filter(({ resource }) => resource.kind !== "command");
  const commands = hosted(
    all.filter(({ resource }) => resource.kind === "command"),
    services,
  );
  const named = (run: boolean): string[] =>
    commands.filter(({ host }) => (host !== undefined) === run).map(({ command }) => command.resource.name);
  const artifacts = [
    ...configFiles(services),
    { path: ".gitignore", text: "/.env\n/secrets/\n" },
    { path: ".env.example", text: envExample(stack, "stack.yaml", onEachNode) },
    { path: "README.md", text: readme(stack, named(true)) },
    { path: "deploy.sh", text: deployScript(stack, services), run: true },
    { path: "init-secrets.sh", text: initSecretsScript(services), run: true },
    ...(named(true).length > 0 ? [{ path: "run.sh", text: runScript(stack, commands), run: true }] : []),
    { path: "stack.yaml", text: stackFile(context, services) },
  ];
  return {
    artifacts: artifacts.sort((a, b) => (a.path < b.path ? -1 : 1)),
    warnings: swarmWarnings(stack, services, image, named(false)),
  };
}
