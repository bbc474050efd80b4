import { variableOf } from "../args/read-flag.ts";
import type { Flags, Switch, ValueFlag, Verb } from "../verb.ts";

/** What `caisson help VERB` prints. */
export function verbHelp(verb: Verb): string {
  const usage = verb.usage.map((line, index) => `${index === 0 ? "Usage: " : "       "}caisson ${line}`);
  return `${usage.join("\n")}\n\n${verb.about.trim()}\n${flagLines(verb.flags)}`;
}

function flagLines(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, spec]) => [label(name, spec), spec.help, note(name, spec)] as const);
  if (rows.length === 0) return "";
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.map(([left, help, variable]) => {
    const first = left.length > width ? `  ${left}\n  ${" ".repeat(width)}` : `  ${left.padEnd(width)}`;
    return `${first}  ${help}${variable}`;
  });
  return `\nFlags (in brackets the variable that sets it too)\n${lines.join("\n")}\n`;
}

function label(name: string, spec: Switch | ValueFlag<unknown>): string {
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  return `${short}--${name}${spec.kind === "value" ? ` ${spec.of.placeholder}` : ""}`;
}

function note(name: string, spec: Switch | ValueFlag<unknown>): string {
  return spec.env === false ? "" : ` [${variableOf(name)}]`;
}
