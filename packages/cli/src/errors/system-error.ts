import { CommandError } from "./command-error.ts";

/** What is the matter with the host, or with a path that people gave: no fault of ours. Others (ENOENT) may well be one. */
const words: Readonly<Record<string, string>> = {
  EACCES: "it is not permitted",
  EPERM: "it is not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left there",
  EDQUOT: "this user's share of the disk is used up",
  EIO: "the disk could not do it",
  EEXIST: "something else has that name",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "this process may open no more files",
  ENFILE: "this host may open no more files",
};

/** The file system's refusal as an error that people are told; `undefined` for any other error. */
export function systemError(error: unknown): CommandError | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  const { code, syscall } = error;
  const path = "dest" in error ? error.dest : "path" in error ? error.path : undefined;
  if (syscall === "uv_cwd")
    return new CommandError("E_FILE", "the folder this was started in does not exist any more", {
      hint: "Go to one that does.",
      cause: error,
    });
  const why = words[String(code)];
  if (why === undefined) return undefined;
  const where = typeof path === "string" ? ` ${path}` : "";
  const hint = code === "ENOSPC" || code === "EDQUOT" ? "Free some space there." : undefined;
  return new CommandError("E_FILE", `cannot ${String(syscall)}${where}: ${why} (${String(code)})`, {
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}
