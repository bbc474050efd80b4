import { catalogue, type Entry } from "../catalogue.ts";

/** A verb as completion needs it. */
export interface Words {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly {
    readonly text: string;
    readonly help: string;
    readonly value: boolean;
    readonly choices: readonly string[];
  }[];
  readonly first: readonly string[];
  readonly resources: boolean;
}

/** Every verb, with its flags and what its words may be. */
export async function allWords(): Promise<readonly Words[]> {
  return await Promise.all(catalogue.map(wordsOf));
}

async function wordsOf({ name, summary, load }: Entry): Promise<Words> {
  const verb = await load();
  const flags = Object.entries(verb.flags).map(([flag, spec]) => ({
    text: `--${flag}`,
    help: spec.help,
    value: spec.kind === "value",
    choices: spec.kind === "value" ? (spec.of.choices ?? []) : [],
  }));
  const of = verb.words?.of;
  const first = of === "verb" ? catalogue.map((each) => each.name) : typeof of === "object" ? of : [];
  return { name, summary, flags, first, resources: of === "resource" };
}
