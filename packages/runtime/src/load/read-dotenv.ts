import { CaissonError, type Problem } from "@caisson/core/errors";
import { existsSync, readFileSync } from "node:fs";

/**
 * The variables of an environment file, by compose's rules: `NAME=value`, `export NAME=value` and `NAME: value`; comments
 * from `#` (after a space, behind a value); values bare, in '...' as they are, or in "..." with `\n` and the like; quoted
 * ones may span lines; the last of two equal names wins. Unlike compose nothing is interpolated, so that a password may
 * hold `$`; `${` outside single quotes is refused rather than misread. Throws E_PARAM with the line, never the value.
 */
export function readDotenv(file: string): Record<string, string> {
  if (!existsSync(file)) throw new CaissonError("E_PARAM", `expected an environment file, but ${file} does not exist`);
  const { entries, problems } = parseDotenv(readFileSync(file, "utf8"));
  if (problems.length > 0) {
    const lines = problems.map(({ line, message }) => `  ${file}:${line}: ${message}`);
    throw new CaissonError("E_PARAM", `${file} cannot be read:\n${lines.join("\n")}`, {
      hint: "Write one NAME=value a line; comments start with #.",
      problems: problems.map(({ line, message }): Problem => ({ code: "E_PARAM", path: `${file}:${line}`, message })),
    });
  }
  return Object.fromEntries(entries);
}

interface LineProblem {
  readonly line: number;
  readonly message: string;
}

interface Parsed {
  readonly entries: readonly (readonly [string, string])[];
  readonly problems: readonly LineProblem[];
}

const blank = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const assignment = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*(?:[=:][^\S\n]*|(?=#|\n|$))/y;
const single = /'((?:[^'\\]|\\[^])*)'/y;
const double = /"((?:[^"\\]|\\[^])*)"/y;
const bare = /[^\n]*/y;
const escapes: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Reads statement by statement; after a malformed one it goes on at the next line. */
function parseDotenv(content: string): Parsed {
  const text = content.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const entries: [string, string][] = [];
  const problems: LineProblem[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    if (take(blank)) continue;
    const start = at;
    const message = readStatement(text, () => at, take, entries);
    if (message === undefined) continue;
    problems.push({ line: text.slice(0, start).split("\n").length, message });
    take(bare);
    at += 1;
  }
  return { entries, problems };
}

/** One statement; a message when it is malformed. */
function readStatement(
  text: string,
  position: () => number,
  take: (pattern: RegExp) => RegExpExecArray | null,
  entries: [string, string][],
): string | undefined {
  const head = take(assignment);
  const name = head?.[1];
  if (head === null || name === undefined) return "expected NAME=value with a name of letters, digits and _";
  // A name alone takes its value from the environment, which is asked before this file anyway.
  if (!/[=:][^\S\n]*$/.test(head[0])) return undefined;
  const quote = text[position()];
  if (quote !== '"' && quote !== "'") {
    // A space before # makes the comment; `COLOR=#fff` is a value.
    const gap = /\s$/.test(head[0]) ? " " : "";
    const raw = `${gap}${take(bare)?.[0] ?? ""}`.replace(/\s#.*$/, "").trim();
    if (raw.includes("${")) return interpolates(name);
    entries.push([name, raw]);
    return undefined;
  }
  const raw = take(quote === "'" ? single : double)?.[1];
  if (raw === undefined) return `the value of ${name} has an opening ${quote} without its end`;
  if (!take(blank)) return `expected nothing but a comment after the quoted value of ${name}`;
  if (quote === '"' && /(?<!\\)\$\{/.test(raw)) return interpolates(name);
  entries.push([name, quote === "'" ? raw.replaceAll("\\'", "'") : unescape(raw)]);
  return undefined;
}

function interpolates(name: string): string {
  return `the value of ${name} holds \${...}, which is not interpolated here; write the value itself, or put it in '...' if it is meant as it is`;
}

function unescape(raw: string): string {
  return raw.replaceAll(
    /\\([^])/g,
    (whole, letter: string) => escapes[letter] ?? ('"\\$'.includes(letter) ? letter : whole),
  );
}
