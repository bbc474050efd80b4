import type { Words } from "./words.ts";

/** The script for fish. */
export function fishScript(verbs: readonly Words[]): string {
  const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap(({ name, summary, flags, first, resources }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c caisson -f -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
      ...flags.map(({ text, help, value, choices }) => {
        const takes = value ? ` -r${choices.length > 0 ? ` -a ${quote(choices.join(" "))}` : ""}` : "";
        return `complete -c caisson ${when} -l ${text.slice(2)} -d ${quote(help)}${takes}`;
      }),
      ...(first.length > 0 ? [`complete -c caisson -f ${when} -a ${quote(first.join(" "))}`] : []),
      ...(resources ? [`complete -c caisson -f ${when} -a '(caisson ps -q 2>/dev/null)'`] : []),
    ];
  });
  return `# caisson completion for fish\n${lines.join("\n")}\n`;
}
