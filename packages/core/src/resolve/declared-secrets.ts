import { walk, type Expression, type SecretSource } from "../model/expression.ts";
import type { ResolvedStack } from "../model/resolved.ts";
import { slots } from "./edges.ts";
import { readerFiles } from "./reader-files.ts";

/** A secret the stack's definition names, and the resources that do. */
export interface DeclaredSecret {
  readonly name: string;
  readonly source: SecretSource;
  readonly usedBy: readonly string[];
}

/** Every secret of a stack, in the order of its resources. */
export function declaredSecrets({ resources }: ResolvedStack): readonly DeclaredSecret[] {
  const found = new Map<string, DeclaredSecret>();
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  for (const resource of resources) {
    const outputs = Object.values(resource.outputs).map(({ value }): readonly [string, Expression] => ["", value]);
    const passwords = resource.provision.flatMap((step): (readonly [string, Expression])[] =>
      "password" in step ? [["", step.password]] : [],
    );
    const files = readerFiles(resource, byName).map(({ content }): readonly [string, Expression] => ["", content]);
    for (const [, value] of [...slots(resource), ...outputs, ...passwords, ...files]) {
      for (const part of walk(value)) {
        if (part.kind !== "secret") continue;
        const known = found.get(part.name);
        const usedBy = new Set([...(known?.usedBy ?? []), resource.name]);
        const { source } = part;
        found.set(part.name, { name: part.name, source, usedBy: [...usedBy] });
      }
    }
  }
  return [...found.values()];
}
