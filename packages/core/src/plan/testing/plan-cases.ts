import type { DesiredResource, Observed, ObservedResource, ObservedVolume } from "../plan-types.ts";

/** A service of one replica; `rest` says what else it is. */
export function wanted(name: string, rest: Partial<DesiredResource> = {}): DesiredResource {
  return {
    name,
    kind: "service",
    identity: { config: "c1", program: "p1", catalogue: 1 },
    replicas: 1,
    volumes: [],
    component: "program",
    needs: [],
    start: true,
    ...rest,
  };
}

/** A PostgreSQL with one volume. */
export function store(name: string, rest: Partial<DesiredResource> = {}): DesiredResource {
  const volumes = [{ name: "data", dataMajor: 18 }];
  const identity = { config: "c1", program: "npm 18.1", catalogue: 1 };
  return wanted(name, { kind: "component", component: "postgres", volumes, identity, ...rest });
}

export const healthy = (resource: string) => ({ resource, condition: "healthy" }) as const;
export const completed = (resource: string) => ({ resource, condition: "completed" }) as const;

/** The slice: a store, what makes it usable, a migration, a cache, two services and an edge. */
export function slice(): DesiredResource[] {
  return [
    store("postgres"),
    wanted("postgres-provision", { kind: "job", needs: [healthy("postgres")] }),
    wanted("redis", { kind: "component", component: "redis" }),
    wanted("migrate", { kind: "job", needs: [healthy("postgres"), completed("postgres-provision")] }),
    wanted("gateway", { needs: [healthy("postgres"), completed("migrate")], optionals: ["redis"] }),
    wanted("query", { needs: [healthy("postgres"), completed("migrate")], replicas: 2 }),
    wanted("edge", { kind: "component", component: "nginx" }),
  ];
}

/** What is found after all of `resources` came up; `edits` change single resources. */
export function upAndWell(
  resources: readonly DesiredResource[],
  edits: Readonly<Record<string, Partial<ObservedResource>>> = {},
): Observed {
  const volumes = resources.flatMap(({ name, component, volumes: each }) =>
    each.map((volume): ObservedVolume => ({ resource: name, component, instance: "i1", id: `${name}-id`, ...volume })),
  );
  return {
    instance: "i1",
    volumes,
    resources: resources.map((resource): ObservedResource => {
      const { name, kind, component, identity, replicas, needs, optionals } = resource;
      const job = kind === "job";
      const stores = needs.filter((need) => volumes.some((volume) => volume.resource === need.resource));
      return {
        name,
        kind,
        component,
        identity,
        replicas,
        generation: 1,
        state: job ? "Completed" : "Running",
        health: job ? "Unknown" : "Ready",
        stopped: false,
        succeeded: job ? true : null,
        ranAgainst: job ? Object.fromEntries(stores.map((need) => [need.resource, `${need.resource}-id`])) : {},
        volumes: volumes.filter((volume) => volume.resource === name),
        references: [...needs.map((need) => need.resource), ...(optionals ?? [])],
        ...(optionals && { optionals }),
        ...edits[name],
      };
    }),
  };
}

export const nothing: Observed = { instance: "i1", resources: [], volumes: [] };

/** `resources` with one of them changed. */
export function edited(
  resources: readonly DesiredResource[],
  name: string,
  edit: Partial<DesiredResource>,
): DesiredResource[] {
  return resources.map((each) => (each.name === name ? { ...each, ...edit } : each));
}
