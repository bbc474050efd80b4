import { concat, encode, texts, type Expression } from "../../model/expression.ts";
import type { Self } from "../self.ts";

/** Makes the data of a new volume, with the superuser's password. */
export function initdb(path: Self["path"], major: number): Expression[] {
  const passwordFile = concat("--pwfile=", path("file", "superuser-password"));
  const where = ["-D", path("volume", "data")];
  return texts(path("binary", "initdb"), ...where, "-U", "postgres", ...initdbFlags(major), passwordFile);
}

/** What a cluster is made with, by its major version. */
export function initdbFlags(major: number): string[] {
  const flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"];
  // The builtin provider (17 and later) sorts the same whatever C library the host has.
  const locale = major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C"];
  return [...flags, ...locale];
}

/** A new password of the superuser. Single-user mode: no password is asked, nothing listens, and the server must be stopped. */
export function resetSuperuser(password: Expression, path: Self["path"]): { argv: Expression[]; stdin: Expression } {
  return {
    argv: texts(path("binary", "postgres"), "--single", "-D", path("volume", "data"), "postgres"),
    stdin: concat("ALTER ROLE postgres PASSWORD '", encode("scram-sha-256", password), "'\n"),
  };
}
