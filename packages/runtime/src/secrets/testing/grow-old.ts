import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newCertificate } from "../certificate.ts";

const day = 86_400_000;

/**
 * Puts one in a certificate's place that was made 61 days ago, by the same authority, below a project's folder. Whoever shows
 * the one before goes on with it.
 */
export function growOld(project: string, name: string, names: readonly string[]): void {
  const folder = stateFolder(project, "secrets");
  const read = (secret: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, `${secret}.1.json`), "utf8")) as Record<string, unknown>;
  const value = newCertificate(String(read("local-authority")["value"]), names, Date.now() - 61 * day);
  const old = { ...read(name), version: "0123456789abcdef", value };
  writeFileSync(join(folder, `${name}.2.json`), `${JSON.stringify(old)}\n`, { mode: 0o600 });
}

/** Something of the state of the only stack that ran there. */
export function stateFolder(project: string, name: string): string {
  const all = readdirSync(join(project, ".caisson"), { recursive: true, encoding: "utf8" });
  return join(project, ".caisson", all.find((each) => each.endsWith(`/${name}`)) ?? name);
}
