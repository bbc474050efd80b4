import { catalogue, findEntry } from "../catalogue.ts";
import { usageError } from "../errors/command-error.ts";
import { overview } from "../help/overview.ts";
import { topics } from "../help/topics.ts";
import { verbHelp } from "../help/verb-help.ts";
import { defineVerb } from "../verb.ts";

/** `caisson help`. */
export const help = defineVerb({
  usage: ["help [VERB]", "help exit-codes | environment"],
  about: "Explains a verb or a topic. `caisson VERB --help` is the same.",
  flags: {},
  words: { name: "VERB", min: 0, max: 1, of: "verb" },
  async run({ stdout }, { words: [name] }) {
    if (name === undefined) return void stdout.write(overview());
    const topic = Object.hasOwn(topics, name) ? topics[name] : undefined;
    if (topic) return void stdout.write(topic());
    const entry = findEntry(name);
    if (entry === undefined)
      throw usageError(`there is no verb or topic ${JSON.stringify(name)}`, {
        suggest: { word: name, among: [...catalogue.map((each) => each.name), ...Object.keys(topics)] },
        hint: "`caisson --help` lists the verbs.",
      });
    stdout.write(verbHelp(await entry.load()));
  },
});
