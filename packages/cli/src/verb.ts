import type { Context } from "./context.ts";
import type { ValueType } from "./args/value-types.ts";

/** A flag that is on or off. `env: false`: not settable by CAISSON_* (what destroys must be typed). */
export interface Switch {
  readonly kind: "switch";
  readonly short?: string;
  readonly help: string;
  readonly env?: false;
}

/** A flag with a value; `many`: may be given more than once (in its variable: separated by commas). */
export interface ValueFlag<T> {
  readonly kind: "value";
  readonly of: ValueType<T>;
  readonly many?: true;
  readonly short?: string;
  readonly help: string;
  readonly env?: false;
}

/** Flags by their long names. */
export type Flags = Readonly<Record<string, Switch | ValueFlag<unknown>>>;

/** What a verb gets of its flags: switches are false unless given, values `undefined` or an empty list. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly kind: "value"; readonly of: ValueType<infer T> }
    ? F[K] extends { readonly many: true }
      ? readonly T[]
      : T | undefined
    : boolean;
};

/** What stands on the command line without a dash. `of` tells completion what to offer. */
export interface Positionals {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly of?: "resource" | "secret" | "verb" | readonly string[];
}

/** A parsed command line. `rest`: the words after `--`, `undefined` when there is none. */
export interface Arguments<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly words: readonly string[];
  readonly rest: readonly string[] | undefined;
}

/** A verb, as data. Its file imports nothing heavy before `run` is called: help and completion read every verb. */
export interface Verb<F extends Flags = Flags> {
  /** One line each, without `caisson`. */
  readonly usage: readonly string[];
  /** Paragraphs for `caisson help VERB`. */
  readonly about: string;
  readonly flags: F;
  readonly words?: Positionals;
  /** `after-dashes`: takes words after `--`; `after-first`: all after its first word belong to a command. */
  readonly rest?: "after-dashes" | "after-first";
  /** `true`: the verb answers Ctrl-C itself through the context's signals; otherwise it ends at once with 130. */
  readonly handlesInterrupt?: true;
  /** Exit code; nothing is 0. */
  run(context: Context, args: Arguments<F>): Promise<number | void>;
}

/** Types a verb by its own flags. */
export function defineVerb<const F extends Flags>(verb: Verb<F>): Verb<F> {
  return verb;
}

/** A switch. */
export function flag(help: string, options: Pick<Switch, "short" | "env"> = {}): Switch {
  return { kind: "switch", help, ...options };
}

/** A flag with one value. */
export function value<T>(of: ValueType<T>, help: string, short?: string): ValueFlag<T> {
  return { kind: "value", of, help, ...(short !== undefined && { short }) };
}

/** A flag that may be given more than once. */
export function values<T>(of: ValueType<T>, help: string, short?: string): ValueFlag<T> & { readonly many: true } {
  return { ...value(of, help, short), many: true };
}

/** Words of a verb that takes any number of resources; none means all. */
export const anyResources: Positionals = { name: "RESOURCE", min: 0, max: Number.POSITIVE_INFINITY, of: "resource" };
