import type { Expression, Observed, Resource } from "@caisson/core/run";
import type { GenerationRecord } from "../agent/records.ts";
import type { Binding } from "../providers/bind.ts";

/** A component's program on this host, or every way to get one. */
export type BindResult =
  | { readonly available: true; readonly binding: Binding }
  | { readonly available: false; readonly reason: string; readonly ways: readonly string[] };

/** What planning reads of the world; the agent's is live, a planner without an agent reads the state alone. */
export interface PlanningWorld {
  readonly host: { readonly cpus: number; readonly memory: number };
  /** Replicas can listen on one port. */
  readonly sharedPorts: boolean;
  /** A dry run installs nothing; the paths are those it would have. */
  bind(resource: Resource, dryRun: boolean): BindResult;
  /** Names of provided secrets that nobody supplied. */
  missingSecrets(resources: readonly Resource[]): readonly string[];
  makeSecrets(resources: readonly Resource[]): void;
  /** Settles ports; a dry run only looks. Returns a sentence for each that moved. */
  settlePorts(resources: readonly Resource[], dryRun: boolean): Promise<readonly string[]>;
  /** An expression's text with version ids in place of secrets. */
  textForHash(value: Expression, record: GenerationRecord): string;
  observe(): Observed;
  /** Throws E_SECRET_LOST when data was made with a secret that is gone. */
  checkStamps(resources: readonly Resource[]): void;
}
