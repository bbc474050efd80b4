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
  const candidates = candidatesOf(request, facts);
  if (!recorded) {
    const [binding] = candidates;
    return binding ? { available: true, binding } : { available: false, ...explainMissing(request, facts) };
  }
  const fitting = candidates.filter((each) => readsDataOf(request, each, recorded));
  const binding = fitting.find((each) => each.version === recorded.version) ?? fitting[0];
  if (!binding) return { available: false, ...explainMissing(request, facts, recorded) };
  if (binding.version === recorded.version) return { available: true, binding };
  const note = `${binding.program} ${recorded.version} is gone; its data is now used with ${binding.version}`;
  return { available: true, binding, note };
}

function candidatesOf(request: ProviderRequest, facts: HostFacts): Binding[] {
  switch (request.product) {
    case "postgres": {
      const fits = ({ major, extensions }: FoundPostgres): boolean =>
        major === request.major && request.extensions.every((name) => extensions.includes(name));
      const npm = facts.npmPostgres ? [facts.npmPostgres] : [];
      return [
        ...[...npm, ...facts.preparedPostgres].filter(fits).map((found) => postgresBinding("npm", found)),
        ...facts.systemPostgres.filter(fits).map((found) => postgresBinding("system", found)),
      ];
    }
    case "redis":
      return facts.redis
        .filter(({ major }) => major >= request.major)
        .map((found) => systemBinding("redis-server", found));
    case "nginx":
      return facts.nginx.map((found) => systemBinding("nginx", found));
    default: {
      const binary = systemPrograms[request.product]?.binary;
      if (binary === undefined) return [];
      const found = facts.programs[request.product] ?? [];
      return found.filter(({ major }) => major === request.major).map((each) => systemBinding(binary, each));
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
