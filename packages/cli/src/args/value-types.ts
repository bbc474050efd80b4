/** How the text of a flag becomes a value. `read` answers `undefined` for a text that is none. */
export interface ValueType<T> {
  readonly placeholder: string;
  /** Completes "expected ..., got ...". */
  readonly expected: string;
  readonly choices?: readonly string[];
  readonly read: (text: string) => T | undefined;
}

/** Any text but the empty one. `placeholder` names it in help. */
export function text(placeholder: string): ValueType<string> {
  return { placeholder, expected: "some text", read: (given) => (given === "" ? undefined : given) };
}

/** One of a closed list. */
export function choice<const C extends string>(choices: readonly C[]): ValueType<C> {
  return {
    placeholder: choices.join("|"),
    expected: `one of ${choices.join(", ")}`,
    choices,
    read: (given) => choices.find((each) => each === given),
  };
}

/** A whole number from `min` up. */
export function count(placeholder: string, min = 0): ValueType<number> {
  return {
    placeholder,
    expected: `a whole number from ${min} up`,
    read: (given) => (/^\d{1,9}$/.test(given) && Number(given) >= min ? Number(given) : undefined),
  };
}

/** A duration in ms: `90` (seconds), `500ms`, `30s`, `1m30s`, `2h`, `1d`. */
export const duration: ValueType<number> = {
  placeholder: "DURATION",
  expected: "a duration such as 30s, 1m30s or 2h (a plain number is seconds)",
  read: readDuration,
};

/** A moment, written as a time or as a duration before now. */
export type Moment = { readonly at: number } | { readonly ago: number };

/** `10m` (ago), `2026-05-01`, `2026-05-01T10:00:00Z`; a time without a zone is local. */
export const moment: ValueType<Moment> = {
  placeholder: "TIME",
  expected: "a duration such as 10m, or a time such as 2026-05-01T10:00:00Z",
  read(given) {
    const ago = readDuration(given);
    if (ago !== undefined) return { ago };
    // A day alone would be read as of UTC.
    const time = /^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00` : given.replace(" ", "T");
    const at = /^\d{4}-\d{2}-\d{2}T\S+$/.test(time) ? Date.parse(time) : Number.NaN;
    return Number.isNaN(at) ? undefined : { at };
  },
};

/** `NAME=VALUE`, as a pair; the value may be empty. */
export const assignment: ValueType<readonly [string, string]> = {
  placeholder: "NAME=VALUE",
  expected: "NAME=VALUE",
  read(given) {
    const at = given.indexOf("=");
    return at > 0 ? [given.slice(0, at).trim(), given.slice(at + 1)] : undefined;
  },
};

/** `NAME=REPLICAS`, as a pair. */
export const replicas: ValueType<readonly [string, number]> = {
  placeholder: "NAME=REPLICAS",
  expected: "NAME=REPLICAS with replicas from 0 to 1000, such as api=3",
  read(given) {
    const match = /^([a-z][a-z0-9-]*)=(\d{1,4})$/.exec(given);
    const number = Number(match?.[2]);
    return match?.[1] !== undefined && number <= 1000 ? [match[1], number] : undefined;
  },
};

/** Where images are pushed to: a host, with a port or a path. */
export const registry: ValueType<string> = {
  placeholder: "REGISTRY",
  expected:
    "a registry as images name it, such as registry.example.com/team or 127.0.0.1:5000 (lower case, no https://)",
  // A first part without a dot or a port would be somebody's name on Docker Hub.
  read: (given) =>
    /^(?=[^/]*[.:]|localhost(?:\/|$))[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(given)
      ? given
      : undefined,
};

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function readDuration(given: string): number | undefined {
  if (/^\d{1,9}$/.test(given)) return Number(given) * 1000;
  if (!/^(\d{1,9}(\.\d+)?(ms|s|m|h|d))+$/.test(given)) return undefined;
  let total = 0;
  for (const [, number, unit] of given.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(number) * (units[unit ?? ""] ?? 0);
  // Timers take whole ones.
  return Math.round(total);
}
