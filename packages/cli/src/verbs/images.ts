import { formatFlag, resolveFlags, stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...resolveFlags, ...formatFlag } as const;

/** What `images` was given. */
export type ImagesArguments = Arguments<typeof flags>;

/** `caisson images`. */
export const images = defineVerb({
  usage: ["images list", "images save FILE", "images load FILE", "images push REGISTRY", "images build [PART...]"],
  about: `The images that the stack's containers are made of, on this host's Docker Engine.

  list    each with who runs in it, and whether the engine has it. \`up\` fetches what is missing from its registry, but for
          the stack's own, which \`caisson build\` makes
  save    writes all of them into one archive FILE, for a host that no registry answers
  load    reads such an archive, or one of \`docker save\`, into this host's engine
  push    the stack's own, to a registry such as registry.example.com/team, by \`docker push\` and its logins; \`render --registry\`
          makes files that take it from there
  build   stand-ins for official ones, from Debian's packages, where no registry answers: of each PART of the catalogue
          (\`postgres\`, \`valkey\`), or of all that have one. Wants root on Debian. What the engine has is left as it is`,
  flags,
  words: {
    name: "list|save|load|push|build [FILE|REGISTRY|PART...]",
    min: 0,
    max: Number.POSITIVE_INFINITY,
    of: ["list", "save", "load", "push", "build"],
  },
  run: async (context, args) => (await import("../render-target/run-images.ts")).runImages(context, args),
});
