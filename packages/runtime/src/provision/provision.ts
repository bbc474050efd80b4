import { setTimeout as delay } from "node:timers/promises";
import { connect } from "./connect.ts";
import { isTransient } from "./is-transient.ts";
import { postgresAccess } from "./postgres-access.ts";
import { postgresDatabase } from "./postgres-database.ts";
import { postgresExtension } from "./postgres-extension.ts";
import { postgresMembership } from "./postgres-membership.ts";
import { postgresReplication } from "./postgres-replication.ts";
import { postgresRole } from "./postgres-role.ts";
import { postgresSchema } from "./postgres-schema.ts";
import type { Server, Step, StepResult } from "./step.ts";

/** What a run tells while it goes: one line a step, and one a repetition. Holds no secret. */
export type ProvisionEvent =
  | {
      readonly event: "step";
      readonly step: Step["kind"];
      readonly name: string;
      /** `skipped`: optional and not to be had. */
      readonly status: "done" | "unchanged" | "skipped";
      readonly detail: string;
    }
  | { readonly event: "retry"; readonly reason: string };

export interface ProvisionOptions {
  readonly adminUrl: string;
  readonly steps: readonly Step[];
  readonly tell: (event: ProvisionEvent) => void;
  /** How long a server that starts, restarts or is full is waited for, in ms. Default 60,000. */
  readonly patienceMs?: number;
}

const firstDelayMs = 50;
const maxDelayMs = 2_000;

/**
 * Brings a server to where every step is fulfilled. Each step looks first and changes only what differs, so a run that
 * was cut off is completed by the next, and one with nothing to do changes nothing. When the server goes away the run
 * starts over. Throws what no repetition helps against, or what still stood in the way when patience ended.
 */
export async function provision({ adminUrl, steps, tell, patienceMs = 60_000 }: ProvisionOptions): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const told = new Set<Step>();
  for (let wait = firstDelayMs; ; wait = Math.min(wait * 2, maxDelayMs)) {
    try {
      return await runOnce(adminUrl, steps, (step, event) => {
        // What an earlier round of this run did is told once.
        if (!told.has(step)) tell(event);
        told.add(step);
      });
    } catch (error) {
      if (!isTransient(error) || performance.now() + wait > deadline) throw error;
      if (wait === firstDelayMs) tell({ event: "retry", reason: reasonOf(error) });
    }
    await delay(wait);
  }
}

/** The sentence of an error; a failed connection to a name with several addresses has one for each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

async function runOnce(
  adminUrl: string,
  steps: readonly Step[],
  tell: (step: Step, event: ProvisionEvent) => void,
): Promise<void> {
  const server = await connect(adminUrl);
  try {
    for (const step of steps) {
      const { changes, note } = await runStep(server, step);
      const status = note !== undefined ? "skipped" : changes.length > 0 ? "done" : "unchanged";
      tell(step, { event: "step", step: step.kind, name: nameOf(step), status, detail: note ?? changes.join(", ") });
    }
  } finally {
    await server.close();
  }
}

function runStep(server: Server, step: Step): Promise<StepResult> {
  switch (step.kind) {
    case "postgres-role":
      return postgresRole(server, step);
    case "postgres-replication":
      return postgresReplication(server, step);
    case "postgres-membership":
      return postgresMembership(server, step);
    case "postgres-database":
      return postgresDatabase(server, step);
    case "postgres-extension":
      return postgresExtension(server, step);
    case "postgres-schema":
      return postgresSchema(server, step);
    case "postgres-access":
      return postgresAccess(server, step);
    default:
      return step satisfies never;
  }
}

function nameOf(step: Step): string {
  switch (step.kind) {
    case "postgres-role":
    case "postgres-replication":
      return step.role;
    case "postgres-membership":
      return `${step.role}/${step.memberOf}`;
    case "postgres-database":
      return step.database;
    case "postgres-extension":
      return `${step.database}/${step.extension}`;
    case "postgres-schema":
      return `${step.database}/${step.schema}`;
    case "postgres-access":
      return `${step.database}/${step.role}`;
    default:
      return step satisfies never;
  }
}
