import type { Launch, ResolvedStack, UnitId } from "@caisson/core/run";
import type { GenerationRecord } from "../agent/records.ts";
import type { Volumes } from "../agent/volumes.ts";
import type { Fetching } from "../images/pull-images.ts";
import type { ContainerRun, Driver, FieldDifference, RunRecord, RunSpec } from "../drivers/driver.ts";

/** Names of the targets that run a stack. */
export type TargetName = "process" | "docker";

/** What the rest of an agent needs of a target whose programs run in containers. */
export interface ContainerTarget {
  readonly driver: Driver;
  readonly volumes: Volumes;
  /** Looks at the engine; with `fetching` it is asked for the images it lacks. Throws E_DOCKER where none answers. */
  refresh(launches: ReadonlyMap<string, Launch>, fetching?: Fetching): Promise<void>;
  /** How the resources of a request run, by name. */
  launches(stack: ResolvedStack, programs: Readonly<Record<string, string>>): ReadonlyMap<string, Launch>;
  /** Why a resource cannot run here; `undefined`: it can. */
  unavailable(launch: Launch): string | undefined;
  /** Networks that a run is about to join. */
  prepare(record: GenerationRecord): Promise<void>;
  /** A run's container, besides what every run has. */
  containerOf(record: GenerationRecord, id: UnitId, hostPort: (port: string) => number): ContainerRun;
  /** Where the host reaches a run. */
  addressOf(record: RunRecord): string;
  idOf(record: RunRecord): string;
  /** The id of a container that is made, not started, for a program that a person runs; by default the run's own. */
  oneOff(spec: RunSpec, asked: { readonly program?: readonly string[]; readonly terminal: boolean }): Promise<string>;
  /** What was changed of a running container by other hands than ours; nothing where it has just ended. */
  drift(record: RunRecord, spec: RunSpec): Promise<readonly FieldDifference[]>;
  /** Removes what ended, what people run beside it or started by hand, and the networks. Data stays. */
  remove(): Promise<void>;
}
