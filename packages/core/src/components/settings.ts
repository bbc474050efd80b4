import type { Problem } from "../errors/problem.ts";

/** Settings of a third-party program, by its own names. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * Derived settings with the user's additions after them. A name on both sides is a problem that names both values:
 * overriding silently would make the derived facets (probes, limits, ports) lie.
 */
export function mergeSettings(
  resource: string,
  derived: Settings,
  extra: Settings = {},
): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const clashes = Object.keys(extra).filter((name) => name in derived);
  const problems = clashes.map((name): Problem => ({
    code: "E_VALUE",
    path: `${resource}/extra/settings/${name}`,
    message: `sets ${name} = ${String(extra[name])}, but it is derived as ${String(derived[name])}; use the component's own option`,
  }));
  return { settings: { ...derived, ...extra }, problems };
}
