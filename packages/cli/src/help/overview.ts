import { catalogue } from "../catalogue.ts";

/** What `caisson --help` prints. */
export function overview(): string {
  const width = Math.max(...catalogue.map(({ name }) => name.length));
  const groups = [...new Set(catalogue.map(({ group }) => group))].map((group) => {
    const lines = catalogue
      .filter((each) => each.group === group)
      .map(({ name, summary, alias }) => `  ${name.padEnd(width)}  ${summary}${alias ? ` (also: ${alias})` : ""}`);
    return `${group}\n${lines.join("\n")}`;
  });
  return `${head}\n\n${groups.join("\n\n")}\n\n${tail}\n`;
}

const head = `Usage: caisson [-f FILE] [--env NAME] VERB ...

One typed definition of a stack; this runs, explains and operates it.`;

const tail = `caisson help VERB        what a verb does, with its flags
caisson help exit-codes  what the exit codes mean
caisson help environment the variables that are read`;
