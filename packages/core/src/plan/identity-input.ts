import { canonicalJson } from "../codec/canonical-json.ts";
import type { Expression, Json } from "../model/expression.ts";
import type { ModuleFile } from "../model/module-file.ts";
import type { Resource } from "../model/resource.ts";
import { follow } from "../resolve/follow.ts";

/** What a resource alone does not know. */
export interface IdentityContext {
  readonly byName: ReadonlyMap<string, Resource>;
  /** Id of a secret's current version; never its value. */
  readonly versionOf: (secret: string) => string;
}

/**
 * The text whose hash is the identity of a resource's configuration: two generations with equal text need no restart.
 * It holds what a running process was given and cannot be changed beside it: its program, argv, environment, config
 * (references followed, so that a store's new database name counts), files, ports, volumes, user and limits. It leaves
 * out what the engine or the planner applies from outside: probes and their timings, restart and stop policies, replicas,
 * reservations, needs, profiles, schedules, outputs, and what fills a volume when it is new. And it leaves out where the stack lies: of a module file only the
 * path from the stack's root counts. Secrets stand as name and version.
 */
export function identityInput(resource: Resource, context: IdentityContext): string {
  const { process, program } = resource;
  const value = (expression: Expression): unknown => versioned(follow(expression, context.byName) ?? null, context);
  const values = (all: Readonly<Record<string, Expression>>): unknown =>
    Object.fromEntries(Object.entries(all).map(([key, each]) => [key, value(each)]));
  return canonicalJson({
    program: program && {
      name: program.name,
      contractVersion: program.contractVersion,
      management: program.management,
      runtime: runtimeOf(program.runtime),
    },
    config: values(resource.config),
    process: process && {
      provider: { ...process.provider, extensions: [...process.provider.extensions].sort() },
      argv: process.argv.map(value),
      env: values(process.env),
      user: process.user,
    },
    files: resource.files.map(({ name, content, mode }) => ({ name, mode, content: value(content) })),
    ports: resource.ports.map(({ name, number, protocol, published }) => ({ name, number, protocol, published })),
    volumes: resource.volumes,
    limits: resource.resources.limits,
  });
}

/** An expression with versions in place of secrets. `null`: it refers to something optional that is not there. */
function versioned(expression: Expression | null, context: IdentityContext): Json {
  if (expression === null) return null;
  switch (expression.kind) {
    case "secret":
      return { kind: "secret", name: expression.name, version: context.versionOf(expression.name) };
    case "concat":
      return { kind: "concat", parts: expression.parts.map((part) => versioned(part, context)) };
    case "encode":
      return { kind: "encode", op: expression.op, value: versioned(expression.value, context) };
    case "literal":
      return { kind: "literal", value: expression.value };
    default:
      return { ...expression };
  }
}

function runtimeOf(runtime: NonNullable<Resource["program"]>["runtime"]): Json {
  switch (runtime.kind) {
    case "node":
      return { kind: "node", main: pathOf(runtime.main) };
    case "command":
      return { kind: "command", argv: runtime.argv, cwd: pathOf(runtime.cwd) };
    case "builtin":
      return { kind: "builtin", name: runtime.name };
  }
}

/** The loader has made `base` a path from the stack's root; a URL is one it has not seen, and says nothing stable. */
function pathOf({ base, path }: ModuleFile): Json {
  return base.includes("://") ? { path } : { base, path };
}
