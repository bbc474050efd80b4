import { createHash } from "node:crypto";
import { type Expression, type Identity, type Launch, type Resource } from "@caisson/core/run";
import type { Binding } from "../providers/bind.ts";

/** What differs between two replicas, or between two starts of one: it says nothing about what runs. */
const perUnit = new Set(["MANAGEMENT_HOST", "MANAGEMENT_PORT"]);

/**
 * Hashes of what runs. `text` evaluates an expression with version ids in place of secrets, so a hash changes with a
 * secret's version and never tells its value. Probe timings and restart policies are left out: the supervisor applies
 * a change of those without touching the process.
 */
export function identityOf(
  resource: Resource,
  launch: Launch,
  programHash: string,
  binding: Binding | null,
  text: (value: Expression) => string,
): Identity {
  const env = Object.entries(launch.env).filter(([name]) => !perUnit.has(name));
  const config = {
    argv: launch.argv.map(text),
    env: env.map(([name, value]) => [name, text(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    files: launch.files.map((slot) => [slot.name, slot.mode, text(slot.content)] as const),
    cwd: text(launch.cwd),
    user: launch.user,
    limits: resource.resources.limits,
    ...(launch.container && { container: containerIdentity(launch.container, text) }),
  };
  return {
    config: hash(JSON.stringify(config)),
    program: binding ? `${binding.provider} ${binding.version}` : programHash,
    catalogue: resource.catalogueVersion,
  };
}

/** What the engine checks by itself and how it keeps logs change nothing that runs; the rest makes another container. */
function containerIdentity(container: NonNullable<Launch["container"]>, text: (value: Expression) => string): unknown {
  const entrypoint = container.entrypoint?.map(text);
  return { ...container, entrypoint, health: undefined, log: undefined };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
