import { monitoringProblems } from "../derive/monitoring/check.ts";
import type { Edge } from "../model/edge.ts";
import { walk } from "../model/expression.ts";
import { nearest } from "../errors/nearest.ts";
import type { Problem } from "../errors/problem.ts";
import type { Resource } from "../model/resource.ts";
import { contractProblems } from "./contract-check.ts";
import { needsCycles } from "./cycles.ts";
import { slots } from "./edges.ts";
import { namePattern } from "./names.ts";
import { secretProblems } from "./secret-check.ts";

/** Everything that is wrong with the resources of a stack, all of it, each with its path. */
export function resourceProblems(stack: string, resources: readonly Resource[], edges: readonly Edge[]): Problem[] {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const suggest = suggester([...byName.keys()]);
  return [
    ...nameProblems(stack, resources),
    ...resources.flatMap((resource) => [
      ...resource.problems.map((problem) => ({ ...problem, path: `${stack}/${problem.path}` })),
      ...referenceProblems(stack, resource, byName, suggest),
      ...contractProblems(stack, resource, byName),
      ...rangeProblems(stack, resource),
    ]),
    ...portProblems(stack, resources),
    ...poolProblems(stack, resources, byName),
    ...secretProblems(stack, resources, byName),
    ...monitoringProblems(stack, resources),
    ...needsCycles(
      resources.map(({ name }) => name),
      edges,
    ).map((cycle): Problem => ({
      code: "E_CYCLE",
      path: `${stack}/${cycle[0] ?? ""}`,
      message: `waits for itself: ${cycle.join(" -> ")}`,
    })),
  ];
}

function nameProblems(stack: string, resources: readonly Resource[]): Problem[] {
  const seen = new Set<string>();
  return resources.flatMap(({ name, kind }): Problem[] => {
    const path = `${stack}/${name}`;
    if (!namePattern.test(name))
      return [
        {
          code: "E_NAME_INVALID",
          path,
          message: `expected lower-case letters, digits and dashes, got ${JSON.stringify(name)}`,
        },
      ];
    if (seen.has(name)) return [{ code: "E_NAME_DUPLICATE", path, message: `a second ${kind} has the name ${name}` }];
    seen.add(name);
    return [];
  });
}

/** `; did you mean postgres?` for the first misspelt names; a search among all names for each of thousands takes minutes. */
function suggester(names: readonly string[]): (name: string) => string {
  let left = 20;
  return (name) => {
    const near = left-- > 0 ? nearest(name, names) : undefined;
    return near === undefined ? "" : `; did you mean ${near}?`;
  };
}

function referenceProblems(
  stack: string,
  resource: Resource,
  byName: ReadonlyMap<string, Resource>,
  suggest: (name: string) => string,
): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string): void => {
    problems.push({
      code: "E_REFERENCE_UNKNOWN",
      path: `${stack}/${resource.name}/${path}`,
      message,
    });
  };
  for (const { resource: name } of resource.after) {
    if (!byName.has(name)) report("after", `waits for ${name}, which is not in the stack${suggest(name)}`);
  }
  for (const [path, value] of slots(resource)) {
    for (const part of walk(value)) {
      if (part.kind !== "ref" && part.kind !== "address") continue;
      const target = byName.get(part.resource);
      if (!target) report(path, `refers to ${part.resource}, which is not in the stack${suggest(part.resource)}`);
      else if (part.kind === "ref" && !target.outputs[part.output])
        report(
          path,
          `refers to ${part.resource}.${part.output}; ${part.resource} offers ${Object.keys(target.outputs).join(", ") || "nothing"}`,
        );
      else if (part.kind === "address" && !target.ports.some(({ name }) => name === part.port))
        report(path, `refers to port ${part.port} of ${part.resource}, which has none of that name`);
    }
  }
  for (const key of ["ready", "live"] as const) {
    const probe = resource[key];
    if (probe && "port" in probe && !resource.ports.some(({ name }) => name === probe.port))
      report(key, `asks port ${probe.port} of ${resource.name}, which has none of that name`);
  }
  return problems;
}

const cronPattern = /^\S+(?: \S+){4}$/;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // a RangeError: no such zone
  }
}

function rangeProblems(stack: string, resource: Resource): Problem[] {
  const problems: Problem[] = [];
  const check = (path: string, ok: boolean, message: string): void => {
    if (!ok) problems.push({ code: "E_VALUE", path: `${stack}/${resource.name}/${path}`, message });
  };
  const { replicas, ports, resources } = resource;
  check(
    "replicas",
    Number.isInteger(replicas) && replicas >= 0 && replicas <= 1000,
    `expected a whole number from 0 to 1000, got ${replicas}`,
  );
  check(
    "replicas",
    // A pod's members have those of their pod.
    replicas <= 1 || resource.kind === "service" || resource.pod !== undefined,
    `expected 1, got ${replicas}: only a service has replicas`,
  );
  for (const port of ports)
    check(
      `ports/${port.name}`,
      Number.isInteger(port.number) && port.number >= 0 && port.number <= 65_535,
      `expected a port from 1 to 65535, got ${port.number}`,
    );
  const { schedule } = resource;
  if (schedule) {
    const { cron, timeZone } = schedule;
    check(
      "schedule/cron",
      cronPattern.test(cron),
      `expected five fields of cron ("0 3 * * *"), got ${JSON.stringify(cron)}`,
    );
    check(
      "schedule/timeZone",
      isTimeZone(timeZone),
      `expected an IANA time zone ("Europe/Berlin"), got ${JSON.stringify(timeZone)}`,
    );
  }
  const { limits, reservations } = resources;
  check(
    "limits/cpus",
    limits.cpus === undefined || limits.cpus > 0,
    `expected more than 0, got ${String(limits.cpus)}`,
  );
  check(
    "limits/memory",
    limits.memory === undefined || limits.memory >= 6 * 1024 ** 2,
    `expected at least 6MB, got ${String(limits.memory)} bytes`,
  );
  for (const key of ["cpus", "memory"] as const) {
    const limit = limits[key];
    check(
      `reservations/${key}`,
      limit === undefined || (reservations[key] ?? 0) <= limit,
      `expected at most the limit of ${String(limit)}, got ${String(reservations[key])}`,
    );
  }
  return problems;
}

function portProblems(stack: string, resources: readonly Resource[]): Problem[] {
  const owners = new Map<number, string>();
  return resources.flatMap((resource) =>
    resource.ports.flatMap((port): Problem[] => {
      if (port.number === 0) return [];
      const owner = owners.get(port.number);
      owners.set(port.number, `${resource.name}/${port.name}`);
      const path = `${stack}/${resource.name}/ports/${port.name}`;
      return owner === undefined
        ? []
        : [
            {
              code: "E_PORT_CLASH",
              path,
              message: `wants port ${port.number}, which ${owner} has`,
            },
          ];
    }),
  );
}

function poolProblems(stack: string, resources: readonly Resource[], byName: ReadonlyMap<string, Resource>): Problem[] {
  const wanted = new Map<string, { total: number; parts: string[] }>();
  for (const resource of resources) {
    for (const { resource: store, size } of resource.pools) {
      const sum = wanted.get(store) ?? { total: 0, parts: [] };
      sum.total += size * resource.replicas;
      sum.parts.push(`${resource.name} ${resource.replicas} x ${size}`);
      wanted.set(store, sum);
    }
  }
  return [...wanted].flatMap(([store, { total, parts }]): Problem[] => {
    // PostgreSQL keeps three connections for superusers; provisioning and people need those.
    const offered = (byName.get(store)?.connections ?? Infinity) - 3;
    if (total <= offered) return [];
    return [
      {
        code: "E_VALUE",
        path: `${stack}/${store}/connections`,
        message: `expected pools of at most ${offered} connections, got ${total} (${parts.join(", ")}); raise maxConnections or lower a pool`,
      },
    ];
  });
}
