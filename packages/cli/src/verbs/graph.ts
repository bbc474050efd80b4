import { resolveFlags, stackFlags } from "../args/common-flags.ts";
import { choice } from "../args/value-types.ts";
import { defineVerb, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  // Forms of its own: what CAISSON_FORMAT asks of answers says nothing of pictures.
  format: { ...value(choice(["text", "mermaid", "svg", "json"]), "form of the picture (default: text)"), env: false },
} as const;

/** What `graph` was given. */
export type GraphArguments = Arguments<typeof flags>;

/** `caisson graph`. */
export const graph = defineVerb({
  usage: ["graph [--format text|mermaid|svg|json]"],
  about: `Draws the stack: resources and the edges between them. An edge that gates the start is drawn solid, one that only
carries configuration dotted.`,
  flags,
  run: async (context, args) => (await import("../define/graph.ts")).runGraph(context, args),
});
