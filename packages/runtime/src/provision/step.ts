import type { ProvisionStep } from "@caisson/core/run";
import type pg from "pg";

/** A provision step as the program reads it: its password is there. */
export type Step = WithPassword<ProvisionStep>;

type WithPassword<S> = S extends { readonly password: unknown }
  ? Omit<S, "password"> & { readonly password: string }
  : S;

/** What a step came to. `changes` is empty where everything was as it should be; `note` says why nothing was done. */
export interface StepResult {
  readonly changes: readonly string[];
  readonly note?: string;
}

/** Connections with the rights of the server's superuser, one a database, open until the run ends. */
export interface Server {
  /** The database the admin URL names. */
  readonly admin: pg.Client;
  database(name: string): Promise<pg.Client>;
  /** A connection of its own, for a statement that may end it. */
  fresh(database: string): Promise<pg.Client>;
}

/** What stops a run for good: no repetition would help. Its message holds no secret. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
}
