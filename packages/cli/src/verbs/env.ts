import { stackFlags } from "../args/common-flags.ts";
import { choice } from "../args/value-types.ts";
import { defineVerb, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  format: value(choice(["table", "json", "jsonl", "dotenv"]), "table and dotenv: NAME=value lines; json: one object"),
} as const;

/** What `env` was given. */
export type EnvArguments = Arguments<typeof flags>;

/** `caisson env`. */
export const env = defineVerb({
  usage: ["env RESOURCE"],
  about: `Prints the environment a resource's program runs with, one NAME=value a line, quoted for a shell where needed.
Secrets are not in it: a variable ending in _FILE names the file a secret is in.`,
  flags,
  words: { name: "RESOURCE", min: 1, max: 1, of: "resource" },
  run: async (context, args) => (await import("../look/env.ts")).runEnv(context, args),
});
