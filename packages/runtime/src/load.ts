// What works a stack out from its sources: most commands find that done, and remembered.
export { loadStack } from "./load/load-stack.ts";
export { programHashes } from "./load/program-hashes.ts";
export { relativeModules } from "./load/relative-modules.ts";
