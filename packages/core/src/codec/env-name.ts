/** The environment variable of a configuration key: `databaseUrl` -> `DATABASE_URL`. One way, on every target. */
export function envName(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toUpperCase();
}
