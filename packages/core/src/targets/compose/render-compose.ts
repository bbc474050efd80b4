import type { ResolvedStack } from "../../model/resolved.ts";
import type { Artifact } from "../artifact.ts";
import { plainText } from "../container/text.ts";
import { bundleWarnings, unawaited } from "./bundle-warnings.ts";
import { composeContext, type ComposeContext, type StackImage } from "./context.ts";
import { composeFile } from "./file.ts";
import { envExample, onOneHost } from "./ports.ts";
import { readme } from "./readme.ts";
import { bundleSecretFiles, bundleSecrets, initSecretsScript, valuesOf, type BundleSecrets } from "./secrets.ts";
import { composeService, fileKey, type ComposeService } from "./service.ts";

/** Files that run a stack with `docker compose` alone, and what is lost compared with Caisson, a sentence each. */
export interface Bundle {
  readonly artifacts: readonly Artifact[];
  readonly warnings: readonly string[];
}

/** The bundle of a stack; the build context of its own image is added by whoever can read its sources. */
export function renderCompose(stack: ResolvedStack, image: StackImage): Bundle {
  const context = composeContext(stack, image);
  const services = bundleServices(context);
  const artifacts = [
    { path: "compose.yaml", text: composeFile(context, services) },
    ...configFiles(services),
    { path: ".gitignore", text: "/.env\n/secrets/\n/build/\n" },
    { path: ".env.example", text: envExample(context.stack, "compose.yaml", onOneHost) },
    { path: "README.md", text: readme(context.stack, services, unawaited(services).length === 0) },
    { path: "init-secrets.sh", text: initSecretsScript(services), run: true },
    { path: "secrets.required.json", text: `${JSON.stringify(valuesOf(bundleSecrets(services)), null, 2)}\n` },
  ];
  return {
    artifacts: artifacts.sort((a, b) => (a.path < b.path ? -1 : 1)),
    warnings: bundleWarnings(context.stack, services),
  };
}

/** What `./secrets` of the bundle is made of. */
export function composeSecrets(stack: ResolvedStack, image: StackImage): BundleSecrets {
  return bundleSecretFiles(bundleServices(composeContext(stack, image)));
}

function bundleServices(context: ComposeContext): ComposeService[] {
  return context.stack.resources
    .filter(({ kind }) => kind !== "schedule")
    .flatMap((resource) => composeService(context, resource) ?? []);
}

/** Files without a secret, as the containers read them. */
export function configFiles(services: readonly ComposeService[]): Artifact[] {
  return services.flatMap(({ resource, launch, places }) =>
    launch.files
      .filter((file) => !file.secret)
      .map((file) => ({ path: `configs/${fileKey(resource, file)}`, text: plainText(file.content, places) })),
  );
}
