import type { Words } from "./words.ts";

/** The script for bash. */
export function bashScript(verbs: readonly Words[]): string {
  const cases = verbs.map(({ name, flags, first, resources }) => {
    const words = [...first, ...flags.map((flag) => flag.text), "--help"].join(" ");
    return `    ${name}) words="${words}"${resources ? ' names="$(caisson "${head[@]}" ps -q 2>/dev/null)"' : ""} ;;`;
  });
  const choices = choiceCases(verbs).map(
    ([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W "${words}" -- "$cur")); return ;;`,
  );
  return `# caisson completion for bash
_caisson() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="" words="" names="" i
  local head=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -f|--file|--env) head+=("\${COMP_WORDS[i]}" "\${COMP_WORDS[i+1]}"); ((i++)) ;;
      -*) ;;
      *) verb="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$prev" in
    -f|--file|--env-file|--from-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
${choices.join("\n")}
  esac
  case "$verb" in
    "") words="${verbs.map((each) => each.name).join(" ")} --file --env --help --version" ;;
    status) words="--format --quiet --help" names="$(caisson "\${head[@]}" ps -q 2>/dev/null)" ;;
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words $names" -- "$cur"))
}
complete -F _caisson caisson
`;
}

/** Flags whose values are a closed list, the same wherever they occur together. */
function choiceCases(verbs: readonly Words[]): [string, string][] {
  const found = new Map<string, Set<string>>();
  for (const { flags } of verbs)
    for (const { text, choices } of flags)
      for (const choice of choices) found.set(text, (found.get(text) ?? new Set()).add(choice));
  return [...found].map(([flag, choices]) => [flag, [...choices].join(" ")]);
}
