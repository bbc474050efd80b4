import { resolveFlags, stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...resolveFlags } as const;

/** What `build` was given. */
export type BuildArguments = Arguments<typeof flags>;

/** `caisson build`. */
export const build = defineVerb({
  usage: ["build"],
  about: `Builds the image with the programs of the stack on this host's Docker Engine: their sources, what they import and the
packages they are installed with, on the catalogue's Node, for the user 1000. Its name is a hash of the sources: built once,
it is not built again until one of them changes. Prints the image's name. \`up --target docker\` needs it.`,
  flags,
  run: async (context, args) => (await import("../render-target/run-build.ts")).runBuild(context, args),
});
