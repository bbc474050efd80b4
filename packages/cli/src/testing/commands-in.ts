/** The commands of `caisson` in a Markdown text, in order, each once. */
export function commandsIn(markdown: string): readonly string[] {
  return [...new Set([...markdown.matchAll(/`(caisson [^`]+)`/g)].map(([, command]) => command ?? ""))];
}

/** The words of a command, as a shell splits them. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
