import { CaissonError, walk, type Expression, type UnitId } from "@caisson/core/run";
import { materialise, type MaterialiseContext } from "../secrets/materialise.ts";
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
  const places = (record: GenerationRecord, id?: UnitId, staging?: Staging): Omit<MaterialiseContext, "secret"> => ({
    address: ({ resource, port, part }) => (part === "port" ? String(addresses.port(resource, port, id)) : loopback),
    path: ({ of, name }) => pathOf(folders, record, of, name, staging),
  });
  return {
    text: (value, record, { id, staging } = {}) =>
      whole(materialise(value, { ...places(record, id, staging), secret: (name) => secrets.get(name) }), value, record),
    identity: (value, record) => {
      const secret = (name: string): { value: string; salt: string } => ({
        value: `${name}@${secrets.get(name)?.version ?? "new"}`,
        salt: "",
      });
      const address: MaterialiseContext["address"] = ({ resource, port, part }) =>
        part === "port" ? String(addresses.planned(resource, port)) : loopback;
      return whole(materialise(value, { ...places({ ...record, generation: 0 }), address, secret }), value, record);
    },
  };
}

function whole(text: string | undefined, value: Expression, { resource }: GenerationRecord): string {
  if (text !== undefined) return text;
  const secrets = [...walk(value)].flatMap((part) => (part.kind === "secret" ? [part.name] : []));
  throw new CaissonError(
    "E_SECRET_MISSING",
    `${resource.name} needs the secret ${secrets.join(", ")}, which is not there`,
  );
}
