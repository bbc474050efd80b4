import { defaultWaitMs } from "../args/common-flags.ts";
import { isJson } from "../args/format.ts";
import { replicas } from "../args/value-types.ts";
import type { Context } from "../context.ts";
import { usageError } from "../errors/command-error.ts";
import { pick, runningStack } from "../project/agent.ts";
import { waitUntil } from "../project/watch.ts";
import { resourcesJson } from "../render/resource-json.ts";
import type { ScaleArguments } from "../verbs/scale.ts";

/** Changes the number of replicas. */
export async function runScale(context: Context, { flags, words }: ScaleArguments): Promise<void> {
  const wanted = new Map(words.map(readWord));
  const names = [...wanted.keys()];
  const { agent } = await runningStack(context, flags);
  pick((await agent.resources()).resources, names);
  await agent.scale(Object.fromEntries(wanted));
  if (flags.wait)
    await waitUntil(agent, {
      names,
      what: "scaled",
      timeoutMs: flags["wait-timeout"] ?? defaultWaitMs,
      judge: ({ name, state, replicas: { wanted: now, ready } }) => {
        if (state === "Failed" || state === "CrashLoop") return "failed";
        return now === wanted.get(name) && ready === now ? "ready" : "pending";
      },
    });
  for (const [name, number] of wanted) context.stderr.write(`${name} scaled to ${number}\n`);
  if (!isJson(flags.format)) return;
  const after = await agent.resources();
  context.stdout.write(resourcesJson({ ...after, resources: pick(after.resources, names) }, flags.format));
}

function readWord(word: string): readonly [string, number] {
  const pair = replicas.read(word);
  if (pair === undefined) throw usageError(`expected ${replicas.expected}, got ${JSON.stringify(word)}`);
  return pair;
}
