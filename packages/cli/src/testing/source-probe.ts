import { stackSource } from "../cache/stack-source.ts";

// A process of a test, for a process imports a file once: node source-probe.ts FILE CACHE NOW. It says what is known
// of a stack file, whether an earlier process left a note with it, and leaves one.
const [file = "", cache = "", now = "0"] = process.argv.slice(2);
const source = await stackSource(file, { env: { XDG_CACHE_HOME: cache }, now: () => Number(now) });
const recalled = source.recall("note") !== undefined;
// Only its being there matters here.
source.remember("note", { name: "note" } as never);
const definition = await source.definition().then(
  ({ name }) => name,
  () => null,
);
process.stdout.write(
  JSON.stringify({ facts: source.facts, recalled, definition, broken: source.broken?.message ?? null }),
);
