import { parseArgs } from "node:util";
import { benches } from "./benches.ts";
import type { Figure } from "./lib/figure.ts";

/** `npm run bench [NAME ...] [-- --json]`: measures, prints one figure a line, ends 1 when one misses its bar. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`expected one of ${Object.keys(benches).join(", ")}, got ${unknown.join(", ")}\n`);
  process.exit(2);
}
const wanted = positionals.length > 0 ? positionals : Object.keys(benches);
let missed = false;
for (const name of wanted) {
  const load = benches[name];
  if (!load) continue;
  for (const figure of await (
    await load()
  )()) {
    missed ||= !figure.ok;
    process.stdout.write(values.json ? `${JSON.stringify(figure)}\n` : `${line(figure)}\n`);
  }
}
process.exitCode = missed ? 1 : 0;

function line({ name, ratio, bar, ok, detail }: Figure): string {
  return `${ok ? "ok  " : "MISS"} ${name.padEnd(34)} ${ratio.toFixed(2).padStart(7)} (bar ${bar})  ${detail}`;
}
