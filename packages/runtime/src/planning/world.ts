import type { Expression, Launch, Observed, ResolvedStack, Resource } from "@caisson/core/run";
import type { GenerationRecord } from "../agent/records.ts";
import type { Fetching } from "../images/pull-images.ts";
import type { Binding } from "../providers/bind.ts";

/** A component's program on this host, or every way to get one. */
export type BindResult =
  /** `unfetched`: an image that `up` asks a registry for. */
  | { readonly available: true; readonly binding: Binding | null; readonly unfetched?: string }
  | { readonly available: false; readonly reason: string; readonly ways: readonly string[] };

/** What planning reads of the world; the agent's is live, a planner without an agent reads the state alone. */
export interface PlanningWorld {
  readonly host: { readonly cpus: number; readonly memory: number };
  /** Replicas can listen on one port. */
  readonly sharedPorts: boolean;
  /** A dry run installs and fetches nothing; the paths are those it would have. */
  bind(resource: Resource, launch: Launch | undefined, dryRun: boolean): BindResult;
  /** `true`: programs run in containers, each with an address of its own. */
  readonly inContainers: boolean;
  /** The day in UTC, as ISO 8601 writes it. */
  today(): string;
  /** How each resource runs; what runs nowhere here has none. */
  launches(stack: ResolvedStack, programs: Readonly<Record<string, string>>): ReadonlyMap<string, Launch>;
  /** The stack as the target runs it: in containers, pods in place of their members. Twice changes nothing. */
  gather(stack: ResolvedStack): ResolvedStack;
  /** Looks at the target; with `fetching` it gets what it lacks. */
  refresh(launches: ReadonlyMap<string, Launch>, fetching?: Fetching): Promise<void>;
  /** Names of provided secrets that nobody supplied. */
  missingSecrets(resources: readonly Resource[]): readonly string[];
  makeSecrets(resources: readonly Resource[]): Promise<void>;
  /** Throws E_SECRET_VALUE for certificates that are there and that no client could verify. */
  checkCertificates(resources: readonly Resource[]): Promise<void>;
  /** Settles ports; a dry run only looks. Returns a sentence for each that moved. */
  settlePorts(
    resources: readonly Resource[],
    launches: ReadonlyMap<string, Launch>,
    dryRun: boolean,
  ): Promise<readonly string[]>;
  /** An expression's text with version ids in place of secrets. */
  textForHash(value: Expression, record: GenerationRecord): string;
  observe(): Observed;
  /** Throws E_SECRET_LOST when data was made with a secret that is gone. */
  checkStamps(resources: readonly Resource[]): void;
}
