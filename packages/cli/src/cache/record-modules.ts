import { isBuiltin, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** What a stack file turned out to be made of. */
export interface Recorded {
  /** The stack's own modules, as paths. */
  readonly files: readonly string[];
  /** What they import besides: builtins and packages, by their specifiers. */
  readonly foreign: readonly string[];
  /** The entries of those packages, as paths: they change when a package is installed anew. */
  readonly packages: readonly string[];
}

/**
 * Hears which modules are loaded until `stop`. Modules below `ours` (URLs of folders) and inside packages are left out,
 * and so is what they import: they show by the specifier that leads to them.
 */
export function recordModules(ours: readonly string[]): { readonly stop: () => Recorded } {
  const files = new Set<string>();
  const foreign = new Set<string>();
  const packages = new Set<string>();
  const isOwn = (url: string): boolean =>
    url.startsWith("file:") && !url.includes("/node_modules/") && !ours.some((each) => url.startsWith(each));
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const result = nextResolve(specifier, context);
      if (context.parentURL === undefined || !isOwn(context.parentURL) || isOwn(result.url)) return result;
      foreign.add(specifier);
      if (!isBuiltin(result.url)) packages.add(pathOf(result.url));
      return result;
    },
    load(url, context, nextLoad) {
      if (isOwn(url)) files.add(pathOf(url));
      return nextLoad(url, context);
    },
  });
  return {
    stop() {
      hooks.deregister();
      return { files: [...files], foreign: [...foreign], packages: [...packages] };
    },
  };
}

function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url.replace(/[?#].*$/, "")) : url;
}
