import { resolveFlags, stackFlags } from "../args/common-flags.ts";
import { registry, text } from "../args/value-types.ts";
import { defineVerb, flag, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  out: value(text("DIR"), "folder for the files (default: deploy/TARGET beside the stack file)"),
  registry: value(registry, "the image of the stack's programs is taken from there, as `images push` left it"),
  check: flag("write nothing; fail when the folder is not what would be written"),
} as const;

/** What `render` was given. */
export type RenderArguments = Arguments<typeof flags>;

/** `caisson render`. */
export const render = defineVerb({
  usage: ["render compose --out DIR", "render swarm --out DIR --registry HOST", "render compose --out DIR --check"],
  about: `Writes the stack as plain files that run without Caisson: a compose file or a Swarm stack file, the configuration of
every service, for compose the folder that the image of its programs is built from, for a Swarm the scripts that deploy it
and run its commands, and a script that fills the secrets' folder (\`caisson secret export\` fills it with those there are).
Secrets are never in the files. What the target cannot do is said on stderr, a sentence each. Files that an earlier render
made and this one does not are removed.`,
  flags,
  words: { name: "TARGET", min: 1, max: 1, of: ["compose", "swarm", "k8s"] },
  run: async (context, args) => (await import("../render-target/run-render.ts")).runRender(context, args),
});
