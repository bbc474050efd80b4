import { createReadStream, readFileSync, statSync } from "node:fs";
import { CaissonError, isCaissonError } from "@caisson/core";
import { readArguments, type ReplayArguments } from "./arguments.ts";
import { builtInMappings } from "./built-in-mappings.ts";
import { readMapping, type Mapping } from "./mapping.ts";
import { createProgress } from "./progress.ts";
import { readCsv, readJsonl } from "./read-rows.ts";
import { runReplay } from "./run-replay.ts";

/** Feeds a CSV or JSONL file to the gateway. Data to stdout, progress to stderr; exit 1 when a row was refused. */
async function replay(options: ReplayArguments): Promise<number> {
  const began = performance.now();
  const mapping = findMapping(options.mapping);
  const keys = readKeys(options.keyFile);
  const size = Math.max(1, statSync(options.file).size);
  const file = createReadStream(options.file, { encoding: "utf8" });
  const progress = createProgress(process.stderr, () => performance.now());
  let retries = 0;
  const summary = await runReplay({
    rows: mapping.format === "csv" ? readCsv(file) : readJsonl(file),
    mapping,
    keys,
    source: options.source,
    target: {
      url: options.url,
      timeoutMs: 30_000,
      patienceMs: options.patienceSeconds * 1000,
      onRetry: () => retries++,
    },
    batchSize: options.batchSize,
    concurrency: options.concurrency,
    onProgress: ({ sent }) => progress.update(file.bytesRead / size, sent),
  }).finally(progress.end);
  const { problems, ...counts } = summary;
  const seconds = Number(((performance.now() - began) / 1000).toFixed(2));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(
    options.format === "json"
      ? `${JSON.stringify({ ...counts, retries, seconds })}\n`
      : `${counts.sent} sent: ${counts.accepted} accepted, ${counts.duplicate} duplicate, ${counts.invalid} invalid; ${retries} retries, ${seconds} s\n`,
  );
  return counts.invalid > 0 ? 1 : 0;
}

function readKeys(path: string): string[] {
  const keys = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  if (keys.length > 0) return keys;
  throw new CaissonError("E_VALUE", `expected API keys in ${path}, one a line, got an empty file`);
}

function findMapping(name: string): Mapping {
  return (
    (Object.hasOwn(builtInMappings, name) ? builtInMappings[name] : undefined) ??
    readMapping(readFileSync(name, "utf8"), name)
  );
}

try {
  process.exitCode = await replay(readArguments(process.argv.slice(2)));
} catch (error) {
  // A missing file's message says all there is to say; anything unforeseen keeps its stack.
  const known = isCaissonError(error) || (error instanceof Error && "syscall" in error);
  process.stderr.write(`${known ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
}
