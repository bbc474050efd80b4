import { closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../host/atomic-file.ts";
import { errorCode } from "../host/error-code.ts";

/** What a data folder says of itself, in a file inside it; it survives a lost state. */
export interface Stamp {
  /** Random, made with the data. */
  readonly id: string;
  readonly instance: string;
  readonly component: string;
  readonly resource: string;
  readonly dataMajor: number;
  /** The versions of the secrets that are inside the data (a role's password), by secret name. */
  readonly secretVersions: Readonly<Record<string, string>>;
}

/** Name of the stamp's file; programs that keep data there must leave it alone (PostgreSQL does). */
export const stampFile = "caisson-stamp.json";

/** Stamps a data folder, in one step; the stamp belongs to the folder's owner. */
export function writeStamp(folder: string, stamp: Stamp): void {
  const { uid, gid } = statSync(folder);
  replaceFile(join(folder, stampFile), `${JSON.stringify({ format: 1, ...stamp })}\n`, 0o600, { uid, gid });
}

/** The stamp of a data folder; undefined where there is none that can be understood. */
export function readStamp(folder: string): Stamp | undefined {
  let text: string;
  try {
    // Never through a link: as root we read in a folder of the service user's.
    const descriptor = openSync(join(folder, stampFile), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      text = readFileSync(descriptor, "utf8");
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
  return parseStamp(text);
}

/** The folder's stamp, or the one the state remembers, which is then written again: the state survives a lost stamp. */
export function settleStamp(folder: string, remembered: Stamp | undefined): Stamp | undefined {
  const found = readStamp(folder);
  if (found || !remembered) return found;
  writeStamp(folder, remembered);
  return remembered;
}

function parseStamp(text: string): Stamp | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // damaged, which is as good as lost
  }
  if (typeof value !== "object" || value === null) return undefined;
  const stamp = value as Partial<Record<keyof Stamp | "format", unknown>>; // each field is checked below
  const { format, id, instance, component, resource, dataMajor, secretVersions } = stamp;
  if (format !== 1 || typeof id !== "string" || typeof instance !== "string" || typeof component !== "string")
    return undefined;
  if (typeof resource !== "string" || typeof dataMajor !== "number") return undefined;
  if (typeof secretVersions !== "object" || secretVersions === null) return undefined;
  const versions = Object.entries(secretVersions).map(([name, version]): [string, string] => [name, String(version)]);
  return { id, instance, component, resource, dataMajor, secretVersions: Object.fromEntries(versions) };
}
