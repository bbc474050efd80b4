import { usageError } from "../errors/command-error.ts";
import type { Switch, ValueFlag } from "../verb.ts";

/** The variable that sets a flag: `wait-timeout` is CAISSON_WAIT_TIMEOUT. */
export function variableOf(flag: string): string {
  return `CAISSON_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** The value of a flag from the texts given for it (none: not given). `from` is named in errors. The last one counts. */
export function readFlag(spec: Switch | ValueFlag<unknown>, texts: readonly string[], from: string): unknown {
  if (spec.kind === "switch") return readSwitch(texts.at(-1), from);
  if (spec.many) return texts.map((text) => readValue(spec, text, from));
  const text = texts.at(-1);
  return text === undefined ? undefined : readValue(spec, text, from);
}

const switchWords: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  yes: true,
  on: true,
  "0": false,
  false: false,
  no: false,
  off: false,
};

function readSwitch(text: string | undefined, from: string): boolean {
  if (text === undefined) return false;
  const value = switchWords[text.toLowerCase()];
  if (value === undefined) throw usageError(`${from}: expected 1, true, 0 or false, got ${JSON.stringify(text)}`);
  return value;
}

function readValue(spec: ValueFlag<unknown>, text: string, from: string): unknown {
  const value = spec.of.read(text);
  if (value !== undefined) return value;
  const { expected, choices } = spec.of;
  throw usageError(`${from}: expected ${expected}, got ${JSON.stringify(text)}`, {
    ...(choices && { suggest: { word: text, among: choices } }),
  });
}
