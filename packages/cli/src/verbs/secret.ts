import { formatFlag, resolveFlags, stackFlags, yesFlag } from "../args/common-flags.ts";
import { text } from "../args/value-types.ts";
import { defineVerb, flag, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  ...formatFlag,
  "from-file": value(text("FILE"), "set: take the value from FILE instead of stdin"),
  certificates: flag("get: only the certificates of a key's PEM text, for clients to trust; asks nothing"),
  ...yesFlag,
} as const;

/** What `secret` was given. */
export type SecretArguments = Arguments<typeof flags>;

/** `caisson secret`. */
export const secret = defineVerb({
  usage: ["secret list", "secret set NAME < FILE", "secret get NAME", "secret reset NAME", "secret export DIR"],
  about: `  list    every secret of the stack: made by caisson or supplied, and whether it is there; no values
  set     takes a value from stdin (asked for without showing it on a terminal) or --from-file; one newline at its end
          is dropped. A value is never an argument: those can be read by everyone on the machine
  get     prints the value; asks first on a terminal, wants --yes without one
  reset   makes a generated secret anew; what uses it changes at the next \`up\`. A supplied one is replaced with set
  export  fills DIR (closed to others) with what the bundle of \`caisson render compose\`, given the same --env, --profile
          and --set, reads from its folder secrets. Asks first where DIR is not empty; refuses what git would take in`,
  flags,
  words: {
    name: "list|set|get|reset|export [NAME|DIR]",
    min: 1,
    max: 2,
    of: ["list", "set", "get", "reset", "export"],
  },
  run: async (context, args) => (await import("../secret/run-secret.ts")).runSecret(context, args),
});
