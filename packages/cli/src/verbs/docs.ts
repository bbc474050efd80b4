import { resolveFlags, stackFlags } from "../args/common-flags.ts";
import { text } from "../args/value-types.ts";
import { defineVerb, flag, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  out: value(text("DIR"), "folder for the files (default: docs/STACK beside the stack file)"),
  check: flag("write nothing; fail when the folder is not what would be written"),
} as const;

/** What `docs` was given. */
export type DocsArguments = Arguments<typeof flags>;

/** `caisson docs`. */
export const docs = defineVerb({
  usage: ["docs [--out DIR]", "docs --check"],
  about: `Writes what people who run the stack look up, as Markdown with a picture: endpoints with users and the names of their
secrets, the start order with its reasons, data and what a backup must have, common tasks, how to change a port or a
credential, what to ask by symptom, where logs are, and what to look at before production. Everything that a profile turns
on is in it, unless --profile names some. Values of secrets are not.`,
  flags,
  run: async (context, args) => (await import("../define/docs.ts")).runDocs(context, args),
});
