import { join } from "node:path";
import type { HostFacts } from "../host/facts.ts";
import type { FoundPostgres } from "../host/postgres-servers.ts";
import type { FoundProgram } from "../host/programs.ts";
import { explainMissing } from "./explain-missing.ts";
import { systemPrograms } from "./system-programs.ts";

/** What a component asks for. */
export interface ProviderRequest {
  readonly product: string;
  /** Exactly this major. Redis: this or newer (Valkey counts from 7 on as Redis does). nginx: any. */
  readonly major: number;
  /** SQL names of extensions it cannot do without. */
  readonly extensions: readonly string[];
}

/** Which program plays a component's part. Recorded with the component; plain data. */
export interface Binding {
  readonly provider: "npm" | "system";
  /** Whose program it is: two programs of one product do not read each other's data (`redis-server`, `valkey-server`). */
  readonly program: string;
  readonly version: string;
  readonly major: number;
  /** Paths by the names that the component's `path` expressions use. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Folder of shared libraries that the programs do not find by themselves; none of today's needs one. */
  readonly libraryPath?: string;
}

/** A binding (`note`: what people should know of it), or why there is none and every way to get one. */
export type BindResult =
  | { readonly available: true; readonly binding: Binding; readonly note?: string }
  | { readonly available: false; readonly reason: string; readonly ways: readonly string[] };

/**
 * Decides which program plays a part: npm's by default, the system's where npm has none that fits. `recorded`: what the
 * component's data was made with, given only where there is data. It changes by itself only to what reads the same
 * data: another version of the same program, of the same major (Redis also of a newer one). Pure.
 */
export function bindProvider(request: ProviderRequest, facts: HostFacts, recorded?: Binding | null): BindResult {
  let other: Binding | undefined;
  for (const binding of candidatesOf(request, facts)) {
    if (!recorded) return { available: true, binding };
    if (!readsDataOf(request, binding, recorded)) continue;
    if (binding.version === recorded.version) return { available: true, binding };
    other ??= binding;
  }
  if (!recorded || !other) return { available: false, ...explainMissing(request, facts, recorded ?? undefined) };
  const note = `${other.program} ${recorded.version} is gone; its data is now used with ${other.version}`;
  return { available: true, binding: other, note };
}

/** In order of preference. The host is searched only as far as somebody goes on asking. */
function* candidatesOf(request: ProviderRequest, facts: HostFacts): Generator<Binding> {
  switch (request.product) {
    case "postgres": {
      const fits = ({ major, extensions }: FoundPostgres): boolean =>
        major === request.major && request.extensions.every((name) => extensions.includes(name));
      if (facts.npmPostgres && fits(facts.npmPostgres)) yield postgresBinding("npm", facts.npmPostgres);
      for (const found of facts.preparedPostgres.filter(fits)) yield postgresBinding("npm", found);
      for (const found of facts.systemPostgres.filter(fits)) yield postgresBinding("system", found);
      return;
    }
    case "redis":
      for (const found of facts.redis) if (found.major >= request.major) yield systemBinding("redis-server", found);
      return;
    case "nginx":
      for (const found of facts.nginx) yield systemBinding("nginx", found);
      return;
    default: {
      const binary = systemPrograms[request.product]?.binary;
      if (binary === undefined) return;
      for (const found of facts.programs[request.product] ?? [])
        if (found.major === request.major) yield systemBinding(binary, found);
    }
  }
}

function readsDataOf({ product }: ProviderRequest, candidate: Binding, recorded: Binding): boolean {
  if (candidate.provider !== recorded.provider || candidate.program !== recorded.program) return false;
  return product === "redis" ? candidate.major >= recorded.major : candidate.major === recorded.major;
}

function postgresBinding(provider: Binding["provider"], { folder, version, major }: FoundPostgres): Binding {
  const binaries = { postgres: join(folder, "bin", "postgres"), initdb: join(folder, "bin", "initdb") };
  return { provider, program: "postgres", version, major, binaries };
}

function systemBinding(as: string, { name, path, version, major }: FoundProgram): Binding {
  return { provider: "system", program: name, version, major, binaries: { [as]: path } };
}
