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
  /** The current version; another is made by `make` when there is none, or ours is no longer `good`. */
  ensureMade(name: string, make: () => string, good: (value: string) => boolean): SecretVersion;
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
  const look = (name: string): Newest => {
    const number = numbers(folder).get(checkName(name))?.at(-1) ?? 0;
    return { number, secret: number === 0 ? undefined : read(name, number) };
  };
  /** Adds the version after the one that was looked at; undefined when another process did so first. */
  const add = (
    name: string,
    after: number,
    value: string,
    source: SecretVersion["source"],
  ): SecretVersion | undefined => {
    const made = {
      name,
      version: randomBytes(8).toString("hex"),
      value,
      salt: randomBytes(32).toString("base64url"),
      source,
      createdAt: now(),
    };
    return createFile(join(folder, fileName(name, after + 1)), formatSecret(made), 0o600) ? made : undefined;
  };
  /** Decides again on what the other process made, when one was faster. */
  const settle = (name: string, decide: (newest: Newest) => SecretVersion | undefined): SecretVersion => {
    for (let tries = 0; tries < mostTries; tries++) {
      const settled = decide(look(name));
      if (settled) return settled;
    }
    throw new CaissonError(
      "E_SECRET_FILE",
      `${name} could not be written to ${folder}: its next version is always there already`,
    );
  };
  return {
    get: (name) => look(name).secret,
    ensureGenerated: (name, { bytes }) =>
      settle(name, ({ number, secret }) => secret ?? add(name, number, generated(name, bytes), "generated")),
    ensureMade: (name, make, good) =>
      settle(name, ({ number, secret }) =>
        secret && (secret.source === "provided" || good(secret.value))
          ? secret
          : add(name, number, make(), "generated"),
      ),
    setProvided(name, value) {
      const text = providedText(name, value);
      return settle(name, ({ number, secret }) =>
        secret?.value === text && secret.source === "provided" ? secret : add(name, number, text, "provided"),
      );
    },
    reset: (name, { bytes }) =>
      settle(name, ({ number, secret }) => {
        if (secret?.source === "provided") throw notOurs(name);
        return add(name, number, generated(name, bytes), "generated");
      }),
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

/** The newest version's number (0: there is none) and what is in it, from one look. */
interface Newest {
  readonly number: number;
  readonly secret: SecretVersion | undefined;
}

/** Each try lost means that another process made a version; so many at once there cannot be. */
const mostTries = 100;

/** What people supplied is not ours to make. */
export function notOurs(name: string): CaissonError {
  return new CaissonError("E_SECRET_VALUE", `${name} is supplied by people, so it cannot be made anew here`, {
    hint: `Supply the new value with: caisson secret set ${name}`,
  });
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

function generated(name: string, bytes: number): string {
  if (Number.isInteger(bytes) && bytes >= 16 && bytes <= 64) return randomText(bytes);
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
