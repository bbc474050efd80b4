import { CaissonError } from "../../errors/caisson-error.ts";
import type { Problem } from "../../errors/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { isHost, leads, type EdgeRoute } from "../edge/route.ts";

/**
 * Where requests lead: a service, or a component that has a port `http` (a Grafana). A route to what is planned is left out
 * until that is there.
 */
export interface NginxRoute extends EdgeRoute {
  readonly to: Resource;
  /**
   * A request sent twice does what it does once, whatever its method: one whose connection broke (its replica was
   * stopped or killed) is sent to another replica. Otherwise that is done for methods that promise it (GET, PUT, ...).
   */
  readonly idempotent?: boolean;
  /**
   * `true`: one client stays with one replica, told by a cookie, until replicas come or go or the edge starts anew: most clients get
   * another one then. In containers alone may there be several: as processes replicas share one address. Default `false`: a request goes to any.
   */
  readonly sticky?: boolean;
}

/** Routes by `/path` or `host/path`; the longest path of a host wins. */
export type NginxRoutes = Readonly<Record<`${string}/${string}`, Resource | NginxRoute>>;

/** A route with its place. */
export interface PlacedRoute extends NginxRoute {
  /** Empty: any that no other route names. */
  readonly host: string;
  readonly path: string;
  /** The name of its rate limit. */
  readonly zone: string;
}

export function placed(routes: NginxRoutes): readonly PlacedRoute[] {
  const all = Object.entries(routes).map(([place, route]) => [place, "to" in route ? route : { to: route }] as const);
  const open = all.filter(([, { to }]) => leads(to));
  return open.map(([place, route], index) => {
    const slash = place.indexOf("/");
    return {
      ...route,
      host: place.slice(0, slash),
      path: place.slice(slash),
      zone: `route-${index + 1}`,
    };
  });
}

/** Whom the routes lead to, each once. */
export function targetsOf(name: string, routes: readonly PlacedRoute[]): readonly Resource[] {
  const targets = [...new Map(routes.map(({ to }) => [to.name, to])).values()];
  const deaf = targets.find(({ ports }) => !ports.some((port) => port.name === "http"));
  if (deaf === undefined) return targets;
  throw new CaissonError(
    "E_VALUE",
    `${name}/routes: expected a service with an HTTP port, got ${deaf.name}, which has none of that name`,
  );
}

export function routeProblems(name: string, routes: readonly PlacedRoute[]): Problem[] {
  return routes.flatMap(({ host, path, rateLimit }): Problem[] => {
    const problem = (message: string): Problem => ({ code: "E_VALUE", path: `${name}/routes/${host}${path}`, message });
    return [
      ...(host === "" || isHost(host)
        ? []
        : [problem(`expected a host name before the path, got ${JSON.stringify(host)}`)]),
      ...(/^\/[\w.~%!$&'()*+,=:@/-]*$/.test(path)
        ? []
        : [problem(`expected a path of a URL, got ${JSON.stringify(path)}`)]),
      ...(rateLimit === undefined || rateLimit >= 1 / 60
        ? []
        : [problem(`expected at least one request a minute (1/60), got ${rateLimit}`)]),
    ];
  });
}
