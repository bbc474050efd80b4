import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { allWords } from "./words.ts";
import { zshScript } from "./zsh.ts";

/** The script that completes `caisson` in a shell. Names of resources are asked of `caisson ps -q`. */
export async function completionScript(shell: string): Promise<string> {
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell] ?? bashScript;
  return script(await allWords());
}
