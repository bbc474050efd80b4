import type { Expression, UnitId } from "@caisson/core/run";
import type { Driver } from "../drivers/driver.ts";
import type { Engine } from "../engine/engine.ts";
import type { HostFacts } from "../host/facts.ts";
import type { ServiceUser } from "../host/service-user.ts";
import type { Planner } from "../planning/planner.ts";
import type { ContainerTarget } from "../target/target.ts";
import type { Addresses } from "./addresses.ts";
import type { Files } from "./files.ts";
import type { Folders } from "./folders.ts";
import type { Hub } from "./hub.ts";
import type { Lease } from "./lease.ts";
import type { LogKeeper } from "./log-keeper.ts";
import type { AgentInfo } from "./protocol.ts";
import type { GenerationRecord } from "./records.ts";
import type { RecordStore } from "./record-store.ts";
import type { MemoryRest } from "./memory-rest.ts";
import type { Roster } from "./roster.ts";
import type { Renewals } from "./renewals.ts";
import type { Schedules } from "./schedules.ts";
import type { Volumes } from "./volumes.ts";
import type { Work } from "./work.ts";

/**
 * Why an agent ends: `down` after an orderly stop, `removed` when what the instance has besides its state goes too;
 * `replaced` and `terminated` leave the children running.
 */
export type CloseReason = "down" | "removed" | "replaced" | "terminated";

/** The parts of a running agent, for the functions that answer its API. Each part is one concern with its own file. */
export interface Agent {
  readonly instance: string;
  /** Writes a line into the agent's own log. */
  log(message: string): void;
  /** Where Node keeps compiled modules, shared by all stacks of this user: a warm start compiles nothing. */
  readonly compileCache: string;
  readonly facts: HostFacts;
  readonly driver: Driver;
  /** Present: programs run in containers. */
  readonly containers: ContainerTarget | undefined;
  readonly engine: Engine;
  readonly records: RecordStore;
  readonly roster: Roster;
  readonly folders: Folders;
  readonly files: Files;
  readonly volumes: Volumes;
  readonly addresses: Addresses;
  readonly planner: Planner;
  readonly hub: Hub;
  readonly lease: Lease;
  readonly work: Work;
  readonly logs: LogKeeper;
  readonly schedules: Schedules;
  readonly renewals: Renewals;
  readonly memory: MemoryRest;
  /** Whom service components run as; absent: ourselves. */
  readonly serviceUser: ServiceUser | undefined;
  /** The text of an expression for one unit, secrets included where the expression holds one. */
  evaluate(value: Expression, id: UnitId, record: GenerationRecord): string;
  /** A word no earlier run of this instance had. */
  nextRun(): string;
  /** The stack is meant to run from now on, and stays where it runs: there may be data. */
  recordUp(): void;
  /** It is meant to be off, also after its host went off and came back. */
  recordDown(): void;
  info(): AgentInfo;
  close(reason: CloseReason): void;
}
