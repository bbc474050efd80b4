import { registerHooks } from "node:module";

/**
 * Lets a stack file outside any project import `@caisson/core`: where its own folders have no copy, ours is used. A
 * project's own copy wins. Also takes TypeScript without a package.json for modules, as it is written, which Node would
 * find out by itself with a warning. Returns the release.
 */
export function installCoreFallback(): () => void {
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = tryResolve(
        () => nextResolve(specifier, context),
        specifier,
        () => nextResolve(specifier, { ...context, parentURL: import.meta.url }),
      );
      const untyped = resolved.format === null || resolved.format === undefined;
      return untyped && resolved.url.endsWith(".ts") ? { ...resolved, format: "module-typescript" } : resolved;
    },
  });
  return () => hooks.deregister();
}

function tryResolve<T>(own: () => T, specifier: string, ours: () => T): T {
  try {
    return own();
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (missing && /^@caisson\/core(\/|$)/.test(specifier)) return ours();
    throw error;
  }
}
