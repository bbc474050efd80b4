// Loads the stack files given as arguments in a plain Node process and prints, as JSON, what became of each: in a test
// runner's own process imports go through the runner, which resolves and compiles them differently.
import { isCaissonError, resolveStack } from "@caisson/core";
import { loadStack } from "../load-stack.ts";
import { programHashes } from "../program-hashes.ts";
import { relativeModules } from "../relative-modules.ts";

const results = [];
for (const path of process.argv.slice(2)) {
  try {
    const { definition, root, file } = await loadStack(path);
    const resolved = relativeModules(resolveStack(definition), root);
    results.push({ root, file, name: definition.name, resolved, hashes: programHashes(resolved, root).hashes });
  } catch (error) {
    if (!isCaissonError(error)) throw error;
    results.push({ code: error.code, message: error.message, hint: error.hint });
  }
}
process.stdout.write(JSON.stringify(results));
