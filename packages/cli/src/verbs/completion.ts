import { defineVerb } from "../verb.ts";

/** `caisson completion`. */
export const completion = defineVerb({
  usage: ["completion bash|zsh|fish"],
  about: `Prints a script that completes verbs, flags and the names of resources.

  bash   source <(caisson completion bash)
  zsh    caisson completion zsh > "\${fpath[1]}/_caisson"
  fish   caisson completion fish > ~/.config/fish/completions/caisson.fish`,
  flags: {},
  words: { name: "SHELL", min: 1, max: 1, of: ["bash", "zsh", "fish"] },
  run: async ({ stdout }, { words: [shell] }) => {
    const { completionScript } = await import("../completion/script.ts");
    stdout.write(await completionScript(shell ?? ""));
  },
});
