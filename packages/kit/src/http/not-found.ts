import { httpProblem, type HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

/** The problem for a request that no route takes: 405 where the path exists for other methods, 404 else. */
export function notFound(routes: readonly Route[], method: string, url: string): HttpProblem {
  const path = url.split("?", 1)[0] ?? "";
  const methods = new Set(routes.filter((route) => matches(route.path, path)).map((route) => route.method));
  if (methods.size === 0) return httpProblem("not_found", `there is no ${path.slice(0, 200)} here`);
  if (methods.has("GET")) methods.add("HEAD");
  const allow = [...methods].sort().join(", ");
  return httpProblem("method_not_allowed", `expected ${allow}, got ${method}`, { headers: { allow } });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(":") || part === given[index]);
}
