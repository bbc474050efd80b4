import type { Expression, UnitId } from "@caisson/core";
import { materialise } from "../secrets/materialise.ts";
import type { SecretStore } from "../secrets/store.ts";
import { loopback, type Addresses } from "./addresses.ts";
import type { Folders } from "./folders.ts";
import { pathOf } from "./paths.ts";
import type { GenerationRecord } from "./records.ts";

/** Where a volume that is being filled is, instead of where it will be. */
export interface Staging {
  readonly volume: string;
  readonly folder: string;
}

/** Turns expressions into text for one stack on this host. */
export interface Evaluator {
  /** The real thing, secrets included. */
  text(
    value: Expression,
    record: GenerationRecord,
    options?: { readonly id?: UnitId; readonly staging?: Staging },
  ): string;
  /** The same with version ids in place of secrets: for hashes, which must change with a secret and never tell it. */
  identity(value: Expression, record: GenerationRecord): string;
}

export function evaluator(addresses: Addresses, folders: Folders, secrets: SecretStore): Evaluator {
  const world = (record: GenerationRecord, id?: UnitId, staging?: Staging) => ({
    address: (resource: string, port: string, part: "host" | "port") =>
      part === "host" ? loopback : String(addresses.port(resource, port, id)),
    path: (of: Parameters<typeof pathOf>[2], _resource: string, name: string) =>
      pathOf(folders, record, of, name, staging),
  });
  return {
    text: (value, record, { id, staging } = {}) =>
      materialise(value, { ...world(record, id, staging), secret: (name) => secrets.get(name) }),
    identity: (value, record) =>
      materialise(value, {
        ...world({ ...record, generation: 0 }),
        secret: (name) => ({
          name,
          version: secrets.version(name) ?? "new",
          value: `${name}@${secrets.version(name) ?? "new"}`,
          salt: "identity",
        }),
      }),
  };
}
