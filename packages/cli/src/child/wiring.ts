import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceView } from "@caisson/runtime";
import { addressPart, type UrlOf } from "./store-url.ts";

/**
 * Runs `use` with the variables that lead to every resource that has an address. What holds a password is in files of
 * mode 0600 in a folder of our own, which is removed when `use` ends, however it ends.
 */
export async function withWiring<T>(
  views: readonly ResourceView[],
  urlOf: UrlOf,
  use: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "caisson-run-"));
  const keep = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    return path;
  };
  try {
    const parts = await Promise.all(views.map((view) => wiringOf(view, urlOf, keep)));
    return await use(Object.assign({}, ...parts) as Record<string, string>);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function wiringOf(
  view: ResourceView,
  urlOf: UrlOf,
  keep: (name: string, text: string) => Promise<string>,
): Promise<Record<string, string>> {
  const port = Object.keys(view.addresses).find((name) => name !== "management");
  if (port === undefined) return {};
  const prefix = view.name.toUpperCase().replaceAll("-", "_");
  const env: Record<string, string> = {
    [`${prefix}_HOST`]: addressPart(view.addresses[port], "host"),
    [`${prefix}_PORT`]: addressPart(view.addresses[port], "port"),
  };
  const url = await urlOf(view);
  if (url === undefined) return env;
  const { username, password, pathname } = new URL(url);
  if (password === "") return { ...env, [`${prefix}_URL`]: url };
  const database = pathname.slice(1);
  return {
    ...env,
    [`${prefix}_USERNAME`]: decodeURIComponent(username),
    ...(database !== "" && { [`${prefix}_DATABASE`]: decodeURIComponent(database) }),
    [`${prefix}_PASSWORD_FILE`]: await keep(`${view.name}.password`, decodeURIComponent(password)),
    [`${prefix}_URL_FILE`]: await keep(`${view.name}.url`, url),
  };
}
