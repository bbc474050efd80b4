import { parseArgs } from "node:util";
import { CommandError, usageError } from "../errors/command-error.ts";
import type { Arguments, Flags, Verb } from "../verb.ts";
import { headFlags, stackFlags } from "./common-flags.ts";
import { readFlag, variableOf } from "./read-flag.ts";

/** The command line in three: what is before the verb (as long flags, for the verb to take), the verb, what is after. */
export interface Split {
  readonly head: readonly string[];
  readonly verb: string | undefined;
  readonly args: readonly string[];
}

/** Finds the verb: the first word that is neither a flag nor a flag's value. */
export function splitVerb(argv: readonly string[]): Split {
  const tokens = tokenize(argv, headFlags);
  const verb = tokens.find((token) => token.kind === "positional");
  const head = tokens.flatMap((token) => {
    if (token.kind !== "option" || (verb && token.index >= verb.index)) return [];
    const name = token.name.length === 1 ? `-${token.name}` : `--${token.name}`;
    return token.value === undefined ? [name] : [`${name}=${token.value}`];
  });
  if (verb?.value === undefined) return { head, verb: undefined, args: [] };
  return { head, verb: verb.value, args: argv.slice(verb.index + 1) };
}

/** What a verb takes of the flags before it. `-f` and `--env` may stand there always; who is about no stack has no use for them. */
export function headOf(verb: Verb, head: readonly string[]): readonly string[] {
  const unused = Object.keys(stackFlags).filter((flag) => !Object.hasOwn(verb.flags, flag));
  return head.filter((arg) => !unused.some((flag) => arg.startsWith(`--${flag}=`)));
}

/** True where `-h` or `--help` is among a verb's flags. */
export function asksForHelp(args: readonly string[], verb: Verb): boolean {
  return ownArgs(args, verb).tokens.some(
    (token) => token.kind === "option" && (token.name === "help" || token.name === "h"),
  );
}

/** Parses what follows the verb. Throws E_USAGE or E_ARGUMENT; unset flags are looked up as CAISSON_* in `env`. */
export function parseVerb<F extends Flags>(
  name: string,
  verb: Verb<F>,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Arguments<F> {
  const { tokens, command } = ownArgs(args, verb);
  const words: string[] = [];
  let rest: string[] | undefined = command;
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "option") addFlag(name, verb.flags, given, token);
    else if (token.kind === "option-terminator") rest = verb.rest === "after-dashes" ? [] : rest;
    else if (token.value !== undefined) (rest !== undefined && !command ? rest : words).push(token.value);
  }
  checkWords(name, verb, words, rest);
  const flags: Record<string, unknown> = {};
  for (const [flag, spec] of Object.entries(verb.flags)) {
    const variable = variableOf(flag);
    const fromEnv = spec.env === false || env[variable] === "" ? undefined : env[variable];
    const texts = given.get(flag);
    if (texts !== undefined) flags[flag] = readFlag(spec, texts, `--${flag}`);
    else if (fromEnv === undefined) flags[flag] = readFlag(spec, [], `--${flag}`);
    else if (spec.kind === "value" && spec.many) flags[flag] = readFlag(spec, fromEnv.split(","), variable);
    else flags[flag] = readFlag(spec, [fromEnv], variable);
  }
  // Every flag of F was read by its own spec just above.
  return { flags: flags as Arguments<F>["flags"], words, rest };
}

interface Token {
  readonly kind: "option" | "positional" | "option-terminator";
  readonly index: number;
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function tokenize(args: readonly string[], flags: Flags): Token[] {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, spec]) => [
      name,
      {
        type: spec.kind === "switch" ? ("boolean" as const) : ("string" as const),
        ...(spec.short !== undefined && { short: spec.short }),
      },
    ]),
  );
  const parsed = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  return parsed.tokens.map((token) => ({
    kind: token.kind,
    index: token.index,
    name: token.kind === "option" ? token.name : "",
    rawName: token.kind === "option" ? token.rawName : "",
    value: token.kind === "option-terminator" ? undefined : token.value,
    inlineValue: token.kind === "option" ? token.inlineValue : undefined,
  }));
}

/** The tokens that are the verb's own; with `after-first`, `command` is everything behind its first word. */
function ownArgs(args: readonly string[], verb: Verb): { readonly tokens: Token[]; readonly command?: string[] } {
  const tokens = tokenize(args, verb.flags);
  if (verb.rest !== "after-first") return { tokens };
  const first = tokens.find((token) => token.kind === "positional");
  if (first === undefined) return { tokens };
  const rest = args.slice(first.index + 1);
  return {
    tokens: tokens.filter((token) => token.index <= first.index),
    command: rest[0] === "--" ? rest.slice(1) : rest,
  };
}

function addFlag(verb: string, flags: Flags, given: Map<string, string[]>, token: Token): void {
  const spec = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
  if (spec === undefined)
    throw usageError(`\`caisson ${verb}\` has no flag ${token.rawName}`, {
      suggest: { word: token.rawName, among: Object.keys(flags).map((each) => `--${each}`) },
      hint: `\`caisson ${verb} --help\` lists its flags.`,
    });
  if (spec.kind === "switch" && token.value !== undefined)
    throw usageError(`${token.rawName} takes no value, got ${JSON.stringify(token.value)}`);
  if (spec.kind === "value") {
    const swallowed = token.inlineValue === false && token.value !== undefined && /^-./.test(token.value);
    if (token.value === undefined || swallowed)
      throw usageError(
        `${token.rawName} wants a value: expected ${spec.of.expected}, got ${swallowed ? `the flag ${token.value}` : "nothing"}`,
        swallowed ? { hint: `A value that starts with a dash is written --${token.name}=${token.value}` } : {},
      );
  }
  const texts = given.get(token.name) ?? [];
  given.set(token.name, [...texts, token.value ?? "true"]);
}

function checkWords(name: string, verb: Verb, words: readonly string[], rest: readonly string[] | undefined): void {
  const { min = 0, max = 0, name: what = "word" } = verb.words ?? {};
  const usage = `The form is \`caisson ${verb.usage[0] ?? name}\`.`;
  if (words.length < min) throw new CommandError("E_ARGUMENT", `\`caisson ${name}\` wants ${what}`, { hint: usage });
  const extra = words[max];
  if (extra !== undefined)
    throw usageError(
      max === 0
        ? `\`caisson ${name}\` takes no ${verb.rest ? "words before --" : "words"}, got ${JSON.stringify(extra)}`
        : `\`caisson ${name}\` takes ${max === 1 ? "one" : `at most ${max}`} ${what}, got ${JSON.stringify(extra)} too`,
      { hint: usage },
    );
  const { of } = verb.words ?? {};
  const wrong = Array.isArray(of) ? words.slice(0, 1).find((word) => !of.includes(word)) : undefined;
  if (wrong !== undefined && Array.isArray(of))
    throw usageError(`\`caisson ${name}\` wants one of ${of.join(", ")}, got ${JSON.stringify(wrong)}`, {
      suggest: { word: wrong, among: of },
    });
  if (verb.rest === "after-first" && rest?.length === 0)
    throw new CommandError("E_ARGUMENT", `\`caisson ${name}\` wants a command`, { hint: usage });
}
