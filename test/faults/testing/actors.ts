import { pathToFileURL } from "node:url";
import {
  defineProgram,
  defineStack,
  job,
  postgres,
  PostgresUrl,
  service,
  Type,
  type Postgres,
  type ProbeTiming,
  type Resource,
  type RestartPolicy,
  type StackDefinition,
} from "@caisson/core";

/** A part of a stack of the fault tests; all of them run `actor.mjs`, which does as `does` says. */
export interface Actor {
  readonly name: string;
  readonly does?: string;
  /** A change of it is a new generation. */
  readonly version?: string;
  /** `store`: a real PostgreSQL. */
  readonly kind?: "service" | "job" | "store";
  /** Name of a store whose URL it is given. */
  readonly store?: string;
  readonly after?: readonly string[];
  /** Shares its port: may have replicas, and a new generation starts beside the old one. */
  readonly shared?: boolean;
  readonly replicas?: number;
  readonly port?: number;
  readonly fixed?: boolean;
  readonly restart?: Partial<RestartPolicy>;
  readonly graceMs?: number;
  readonly memory?: `${number}MB`;
  readonly timing?: Partial<ProbeTiming>;
}

/** Short delays, so that a test sees several in a second or two. */
const restart: Partial<RestartPolicy> = { delayMs: 100, maxDelayMs: 800, crashLoopAfter: 4 };

/** The actors as a stack whose root is `root`. `firstPort`: wanted ports are counted from here. */
export function stackOf(root: string, firstPort: number, actors: readonly Actor[]): StackDefinition {
  const known = new Map<string, Resource>();
  const stores = new Map<string, Postgres>();
  const meta = { url: pathToFileURL(`${root}/stack.ts`).href };
  actors.forEach((actor, index) => {
    const after = (actor.after ?? []).map((name) => {
      const resource = known.get(name);
      if (!resource) throw new Error(`${actor.name} comes before ${name}`);
      return resource;
    });
    const port = firstPort + index;
    if (actor.kind === "store") stores.set(actor.name, postgres(actor.name, { port }));
    const store = stores.get(actor.store ?? "");
    known.set(actor.name, stores.get(actor.name) ?? resourceOf(meta, { port, ...actor }, after, store));
  });
  return defineStack("faults", [...known.values()]);
}

function resourceOf(
  meta: { url: string },
  actor: Actor & { port: number },
  after: readonly Resource[],
  store: Postgres | undefined,
): Resource {
  const { name, does = "", version = "1", replicas = 1, port, graceMs = 5000, memory, timing } = actor;
  const program = defineProgram(meta, name, {
    main: "./actor.mjs",
    management: actor.shared ?? false,
    config: Type.Object({ does: Type.String(), version: Type.String(), databaseUrl: Type.Optional(PostgresUrl) }),
    ...(actor.kind !== "job" && { http: { port } }),
  });
  const config = { does, version, ...(store && { databaseUrl: store.url }) };
  if (actor.kind === "job") return { ...job(program, { config, after, attempts: 2 }), restart: jobRestart(actor) };
  const resource = service(program, {
    config,
    after,
    replicas,
    restart: { ...restart, ...actor.restart },
    stopGrace: `${graceMs}ms`,
    ...(memory !== undefined && { limits: { memory } }),
  });
  const ports = resource.ports.map((each) => ({ ...each, fixed: actor.fixed ?? false }));
  return { ...resource, ports, probeTiming: { ...resource.probeTiming, ...timing } };
}

function jobRestart(actor: Actor): RestartPolicy {
  return {
    policy: "on-failure",
    delayMs: 50,
    maxDelayMs: 200,
    resetAfterMs: 60_000,
    crashLoopAfter: 2,
    ...actor.restart,
  };
}
