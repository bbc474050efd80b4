import type { Words } from "./words.ts";

/** The script for zsh. */
export function zshScript(verbs: readonly Words[]): string {
  const cases = verbs.map(({ name, flags, first, resources }) => {
    const items = flags.map((flag) => described(flag.text, flag.help));
    const lines = [
      ...(items.length > 0 ? [`      _describe -o flag flags`] : []),
      ...(first.length > 0 ? [`      compadd ${first.join(" ")}`] : []),
      ...(resources ? [`      compadd -- \${(f)"$(caisson ps -q 2>/dev/null)"}`] : []),
    ];
    return `    ${name})\n      local -a flags=(${items.join(" ")})\n${lines.join("\n")} ;;`;
  });
  return `#compdef caisson
_caisson() {
  local -a verbs=(${verbs.map(({ name, summary }) => described(name, summary)).join(" ")})
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
# Loaded by name from a folder, it is asked at once; read by a shell, it says whose it is.
if [ "$funcstack[1]" = _caisson ]; then _caisson "$@"; else compdef _caisson caisson; fi
`;
}

/** `name:what it is`, as _describe takes it. */
function described(word: string, help: string): string {
  return `'${word}:${help.replaceAll("'", `'\\''`).replaceAll(":", "\\:")}'`;
}
