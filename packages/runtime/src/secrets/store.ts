import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { createFile, isTemporary } from "../host/atomic-file.ts";
import { ensurePrivateFolder } from "../host/private-folder.ts";
import { randomText } from "./random-text.ts";
import { formatSecret, readSecret, type SecretVersion } from "./secret-file.ts";
import { providedText } from "./provided-text.ts";

/** What may be told of a secret to anybody: no value. Versions from old to new; the last one is current. */
export interface SecretSummary {
  readonly name: string;
  readonly source: SecretVersion["source"];
  readonly versions: readonly { readonly version: string; readonly createdAt: number }[];
}

/** The secrets of one stack and environment. A version, once made, never changes; older ones are kept. */
export interface SecretStore {
  /** The current version; made, of `bytes` (16 to 64) bytes of randomness, when there is none. */
  ensureGenerated(name: string, options: { readonly bytes: number }): SecretVersion;
  /** Makes what people supply the current version, less one newline at its end. The same value again changes nothing. */
  setProvided(name: string, value: string | Uint8Array): SecretVersion;
  /** The current version. */
  get(name: string): SecretVersion | undefined;
  /** Makes a new version of a generated secret; where data knows the old one, its owner must tell it the new one. */
  reset(name: string, options: { readonly bytes: number }): SecretVersion;
  list(): SecretSummary[];
  /** Every version with its value, old ones too: what a redactor must know. */
  everything(): SecretVersion[];
}

export interface SecretStoreOptions {
  readonly uid: number;
  /** Epoch ms; only for people to read. */
  readonly now: () => number;
}

/**
 * Opens the folder (0700, made when missing): one file (0600) a version, `<name>.<number>.json`; the highest number
 * is current. Throws E_FOLDER_UNSAFE and E_SECRET_FILE for what others could have read or put there.
 */
export function openSecrets(folder: string, { uid, now }: SecretStoreOptions): SecretStore {
  ensurePrivateFolder(folder, uid);
  removeUnfinished(folder);
  const read = (name: string, number: number): SecretVersion =>
    readSecret(join(folder, fileName(name, number)), name, uid);
  const current = (name: string): SecretVersion | undefined => {
    const newest = numbers(folder).get(checkName(name))?.at(-1);
    return newest === undefined ? undefined : read(name, newest);
  };
  /** False when another process made this number first. */
  const add = (name: string, value: string, source: SecretVersion["source"]): SecretVersion | undefined => {
    const made = {
      name,
      version: randomBytes(8).toString("hex"),
      value,
      salt: randomBytes(32).toString("base64url"),
      source,
      createdAt: now(),
    };
    const number = (numbers(folder).get(name)?.at(-1) ?? 0) + 1;
    return createFile(join(folder, fileName(name, number)), formatSecret(made), 0o600) ? made : undefined;
  };
  const generate = (name: string, bytes: number): SecretVersion | undefined =>
    add(name, randomText(checkBytes(name, bytes)), "generated");
  return {
    get: current,
    ensureGenerated(name, { bytes }) {
      for (;;) {
        const found = current(name) ?? generate(name, bytes);
        if (found) return found;
      }
    },
    setProvided(name, value) {
      const text = providedText(name, value);
      for (;;) {
        const found = current(name);
        const made = found?.value === text && found.source === "provided" ? found : add(name, text, "provided");
        if (made) return made;
      }
    },
    reset(name, { bytes }) {
      if (current(name)?.source === "provided") {
        throw new CaissonError("E_SECRET_VALUE", `${name} is supplied by people, so it cannot be made anew here`, {
          hint: `Supply the new value with: caisson secret set ${name}`,
        });
      }
      for (;;) {
        const made = generate(name, bytes);
        if (made) return made;
      }
    },
    list: () =>
      [...numbers(folder)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, all]) =>
          summary(
            name,
            all.map((number) => read(name, number)),
          ),
        ),
    everything: () => [...numbers(folder)].flatMap(([name, all]) => all.map((number) => read(name, number))),
  };
}

function summary(name: string, versions: readonly SecretVersion[]): SecretSummary {
  return {
    name,
    source: versions.at(-1)?.source ?? "generated",
    versions: versions.map(({ version, createdAt }) => ({ version, createdAt })),
  };
}

function fileName(name: string, number: number): string {
  return `${name}.${number}.json`;
}

/** The numbers of each secret's versions, ascending. */
function numbers(folder: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const entry of readdirSync(folder)) {
    const [, name, number] = /^([a-z][a-z0-9-]*)\.([1-9]\d*)\.json$/.exec(entry) ?? [];
    if (name !== undefined)
      found.set(
        name,
        [...(found.get(name) ?? []), Number(number)].sort((a, b) => a - b),
      );
  }
  return found;
}

/** It becomes a file's name. */
function checkName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,79}$/.test(name)) return name;
  throw new CaissonError(
    "E_NAME_INVALID",
    `expected a secret's name of lower-case letters, digits and dashes, got ${JSON.stringify(name)}`,
  );
}

function checkBytes(name: string, bytes: number): number {
  if (Number.isInteger(bytes) && bytes >= 16 && bytes <= 64) return bytes;
  throw new CaissonError("E_VALUE", `expected 16 to 64 bytes of randomness for the secret ${name}, got ${bytes}`);
}

/** A crash while a version was written leaves its text under a name nobody reads. A live writer's is not touched. */
function removeUnfinished(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const pid = isTemporary(entry) ? Number(/\.(\d+)-[0-9a-f]+\.tmp$/.exec(entry)?.[1]) : undefined;
    if (pid !== undefined && !exists(pid)) rmSync(join(folder, entry), { force: true });
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH; EPERM cannot be, the folder is ours alone
  }
}
