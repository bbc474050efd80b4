import { isJson } from "../args/format.ts";
import { formatFlag } from "../args/common-flags.ts";
import { ownVersion } from "../own-version.ts";
import { defineVerb } from "../verb.ts";

/** `caisson version`. */
export const version = defineVerb({
  usage: ["version [--format json]"],
  about: "Prints the version of caisson and of the Node it runs on.",
  flags: formatFlag,
  async run({ stdout, platform }, { flags }) {
    const answer = { version: ownVersion(), node: platform.node, os: platform.os, arch: platform.arch };
    if (isJson(flags.format)) stdout.write(`${JSON.stringify(answer)}\n`);
    else stdout.write(`caisson ${answer.version} (Node ${answer.node}, ${answer.os} ${answer.arch})\n`);
  },
});
