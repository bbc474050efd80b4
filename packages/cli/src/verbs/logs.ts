import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { count, moment, text } from "../args/value-types.ts";
import { anyResources, defineVerb, flag, value, type Arguments } from "../verb.ts";

const flags = {
  // After the verb -f follows, as everywhere; the stack's file is --file here.
  file: value(stackFlags.file.of, stackFlags.file.help),
  env: stackFlags.env,
  ...formatFlag,
  follow: flag("go on with what comes", { short: "f" }),
  tail: value(count("LINES"), "only the last LINES of each resource", "n"),
  timestamps: flag("begin each line with its time", { short: "t" }),
  since: value(moment, "only lines from TIME on: 10m (ago), 2026-05-01T10:00:00Z"),
  until: value(moment, "only lines before TIME"),
  search: value(text("TEXT"), "only lines that contain TEXT, in upper or lower case"),
  "no-log-prefix": flag("do not begin lines with the resource's name"),
} as const;

/** What `logs` was given. */
export type LogsArguments = Arguments<typeof flags>;

/** `caisson logs`. */
export const logs = defineVerb({
  usage: ["logs [-f] [-n LINES] [RESOURCE...]"],
  about: `Shows the logs of the resources named, or of all. With -f it goes on until Ctrl-C. Lines of several resources are
merged in the order of their times. With --format json, or jsonl, each line is an object on a line of its own.`,
  flags,
  words: anyResources,
  handlesInterrupt: true,
  run: async (context, args) => (await import("../logs/run-logs.ts")).runLogs(context, args),
});
