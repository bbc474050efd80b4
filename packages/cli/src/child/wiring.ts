import type { ResourceView } from "@caisson/runtime";
import { withPrivateFiles, type Keep } from "./private-files.ts";
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
  return await withPrivateFiles(async (keep) => {
    const parts = await Promise.all(views.map((view) => wiringOf(view, urlOf, keep)));
    return await use(Object.assign({}, ...parts) as Record<string, string>);
  });
}

async function wiringOf(view: ResourceView, urlOf: UrlOf, keep: Keep): Promise<Record<string, string>> {
  const port = Object.keys(view.addresses).find((name) => name !== "management");
  if (port === undefined) return {};
  const prefix = view.name.toUpperCase().replaceAll("-", "_");
  const env: Record<string, string> = {
    [`${prefix}_HOST`]: addressPart(view.addresses[port], "host"),
    [`${prefix}_PORT`]: addressPart(view.addresses[port], "port"),
  };
  const url = await urlOf(view, keep);
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
