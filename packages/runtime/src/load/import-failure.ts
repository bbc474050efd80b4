import { CaissonError, errorTable, isCaissonError, nearest } from "@caisson/core/errors";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ancestors } from "./project-root.ts";

interface Place {
  readonly file: string;
  readonly line?: number;
}

/**
 * What a user is told when a stack file or something it imports cannot be loaded: where and why, without our own stack
 * trace. Errors of core that the file ran into (`toMs("5x")`) keep their code.
 */
export function importFailure(error: unknown, file: string, root: string): CaissonError {
  if (isCaissonError(error)) {
    const at = firstUserFrame(error, root);
    const code = error.code in errorTable ? error.code : "E_STACK_LOAD";
    return new CaissonError(code, `${at === undefined ? file : show(at)}: ${error.message}`, { hint: error.hint });
  }
  if (!(error instanceof Error))
    return new CaissonError(
      "E_STACK_LOAD",
      `${file}: threw ${JSON.stringify(error) ?? String(error)}, which is no error`,
    );
  const place = syntaxPlace(error) ?? importerPlace(error) ?? firstUserFrame(error, root) ?? { file };
  const hint = hintFor(error);
  return new CaissonError("E_STACK_LOAD", `${show(place)}: ${explain(error)}`, hint === undefined ? {} : { hint });
}

function show({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

function explain(error: Error): string {
  const message = error.message
    .replaceAll(/file:\/\/[^\s"')]+/g, (url) => toPath(url))
    .replace(/ imported from .*$/s, "");
  const missing = /^Cannot find module '(.+)'/.exec(message)?.[1];
  if (missing !== undefined && existsSync(dirname(missing))) {
    const near = nearest(basename(missing), readdirSync(dirname(missing)));
    if (near !== undefined) return `${message}; did you mean ${near}?`;
  }
  return error.name === "Error" || error.name === "SyntaxError" ? message : `${error.name}: ${message}`;
}

function hintFor(error: Error): string | undefined {
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return "Write TypeScript that only needs its types removed: no enum, namespace or parameter property (`erasableSyntaxOnly` in tsconfig.json finds them).";
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
    return "Packages under node_modules must ship JavaScript; import TypeScript from the project's own folders only.";
  const missing = /^Cannot find package '(.+?)'/.exec(error.message)?.[1];
  return missing === undefined ? undefined : `Install it where the importing file is: \`npm install ${missing}\`.`;
}

/** A syntax error's stack starts with the place: `/app/stack.ts:3`, with or without `file://`. */
function syntaxPlace(error: Error): Place | undefined {
  const match = /^((?:file:\/\/)?\/.*):(\d+)$/m.exec(error.stack?.split("\n", 1)[0] ?? "");
  return match?.[1] === undefined ? undefined : { file: toPath(match[1]), line: Number(match[2]) };
}

/** A failed import names the module that asked: `Cannot find package 'x' imported from /app/stack.ts`. */
function importerPlace(error: Error): Place | undefined {
  const match = /'(.+?)'.* imported from (.+)$/s.exec(error.message);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const file = toPath(match[2]);
  if (!existsSync(file)) return { file };
  // A module is named by its whole path, but imported by a relative one: its last part is on the line either way.
  const last = basename(match[1]);
  const lines = readFileSync(file, "utf8").split("\n");
  const index = lines.findIndex((text) => /["'`]/.test(text) && text.includes(last));
  return index === -1 ? { file } : { file, line: index + 1 };
}

/** The innermost frame in the user's own sources; frames of packages and of Node say nothing to them. */
function firstUserFrame(error: Error, root: string): Place | undefined {
  for (const text of error.stack?.split("\n") ?? []) {
    const match = /(file:\/\/[^\s)]+|\/[^)]+):(\d+):\d+\)?$/.exec(text);
    if (match?.[1] === undefined || !text.trimStart().startsWith("at ")) continue;
    const file = toPath(match[1]);
    const inside = relative(root, file);
    if (!inside.startsWith("..") && !inside.split(sep).includes("node_modules") && !isCore(file))
      return { file, line: Number(match[2]) };
  }
  return undefined;
}

/** A file of core, which may lie below the root as a workspace package. */
function isCore(file: string): boolean {
  const folder = ancestors(dirname(file)).find((each) => existsSync(join(each, "package.json")));
  return (
    folder !== undefined && /"name"\s*:\s*"@caisson\/core"/.test(readFileSync(join(folder, "package.json"), "utf8"))
  );
}

function toPath(place: string): string {
  return place.startsWith("file://") ? fileURLToPath(place) : place;
}
