import type { Expression, Skipped, UnitId } from "@caisson/core";
import type { Driver } from "../drivers/driver.ts";
import type { Engine } from "../engine/engine.ts";
import type { Addresses } from "./addresses.ts";
import type { Files } from "./files.ts";
import type { Folders } from "./folders.ts";
import type { Hub } from "./hub.ts";
import type { Lease } from "./lease.ts";
import type { LogSource } from "./log-lines.ts";
import type { AgentInfo, ResourceView } from "./protocol.ts";
import type { GenerationRecord } from "./records.ts";
import type { RecordStore } from "./record-store.ts";
import type { Volumes } from "./volumes.ts";
import type { Planner } from "../planning/planner.ts";

/** Why an agent ends: `down` and `terminated` after or without an orderly stop, `replaced` leaves its children. */
export type CloseReason = "down" | "replaced" | "terminated";

/** The parts of a running agent, for the functions that answer its API. Each part is one concern with its own file. */
export interface Agent {
  readonly instance: string;
  readonly logFile: string;
  readonly driver: Driver;
  readonly engine: Engine;
  readonly records: RecordStore;
  readonly folders: Folders;
  readonly files: Files;
  readonly volumes: Volumes;
  readonly addresses: Addresses;
  readonly planner: Planner;
  readonly hub: Hub;
  readonly lease: Lease;
  /** Whom service components run as; absent: ourselves. */
  readonly serviceUser: { readonly uid: number; readonly gid: number } | undefined;
  /** The text of an expression for one unit, secrets included where the expression holds one. */
  evaluate(value: Expression, id: UnitId, record: GenerationRecord): string;
  /** A word no earlier run of this instance had. */
  nextRun(): string;
  info(): AgentInfo;
  views(): readonly ResourceView[];
  view(name: string): ResourceView | undefined;
  skipped(): readonly Skipped[];
  setSkipped(skipped: readonly Skipped[]): void;
  logSources(names: readonly string[]): readonly LogSource[];
  start(name: string): void;
  stop(name: string): void;
  restart(name: string): void;
  scale(name: string, replicas: number): void;
  /** True when nothing runs or is about to. */
  idle(): boolean;
  /** Removes all data; returns the resources it belonged to. Only when idle. */
  removeVolumes(): readonly string[];
  close(reason: CloseReason): void;
}
