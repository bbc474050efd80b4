import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { errorCode } from "../host/error-code.ts";

/** One version of a secret, as it is kept in a file of its own. */
export interface SecretVersion {
  readonly name: string;
  /** Random, never made from the value: it appears in plans, hashes and stamps. */
  readonly version: string;
  readonly value: string;
  /** 32 random bytes, base64url: what salted encodings of this version are salted with, so that they are stable. */
  readonly salt: string;
  readonly source: "generated" | "provided";
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The file's text. */
export function formatSecret(secret: SecretVersion): string {
  return `${JSON.stringify({ format: 1, ...secret })}\n`;
}

/**
 * Reads a version. Throws E_SECRET_FILE where the file is open to others, not ours, damaged, or of another secret (a
 * file put in another's place).
 */
export function readSecret(file: string, name: string, uid: number): SecretVersion {
  const secret = parseSecret(readPrivate(file, uid));
  if (secret?.name === name) return secret;
  const got = secret ? `the secret ${secret.name}` : "something that cannot be read";
  throw new CaissonError(
    "E_SECRET_FILE",
    `expected ${file} to hold a version of the secret ${name}, but it holds ${got}`,
  );
}

function readPrivate(file: string, uid: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const why = errorCode(error) === "ELOOP" ? "it is a symbolic link" : String(errorCode(error));
    throw new CaissonError("E_SECRET_FILE", `${file} cannot be read: ${why}`, { cause: error });
  }
  try {
    const found = fstatSync(descriptor);
    if (found.uid !== uid) {
      throw new CaissonError(
        "E_SECRET_FILE",
        `expected ${file} to belong to uid ${uid}, but it belongs to uid ${found.uid}`,
      );
    }
    if ((found.mode & 0o077) !== 0) {
      const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
      throw new CaissonError(
        "E_SECRET_FILE",
        `expected ${file} to be closed to others (0600), but its mode is ${mode}`,
        {
          hint: `Whoever could read it may know ${basename(file).split(".")[0]}. Run: chmod 600 ${file}`,
        },
      );
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function parseSecret(text: string): SecretVersion | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // damaged; the caller says so
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = parsed as Partial<Record<keyof SecretVersion | "format", unknown>>; // each is checked below
  const { format, name, version, value, salt, source, createdAt } = fields;
  if (format !== 1 || (source !== "generated" && source !== "provided") || typeof createdAt !== "number")
    return undefined;
  if (typeof name !== "string" || typeof version !== "string" || typeof value !== "string") return undefined;
  return typeof salt === "string" ? { name, version, value, salt, source, createdAt } : undefined;
}
