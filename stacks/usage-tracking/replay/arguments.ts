import { parseArgs } from "node:util";
import { CaissonError } from "@caisson/core";

/** The arguments of a replay. */
export interface ReplayArguments {
  readonly file: string;
  readonly mapping: string;
  readonly url: string;
  readonly keyFile: string;
  readonly source: string;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly patienceSeconds: number;
  readonly format: "text" | "json";
}

const usage = `usage: node replay/main.ts FILE --mapping NAME|FILE.json --url URL --key-file FILE
  --mapping      a built-in mapping (azure-llm-trace) or a JSON file
  --url          the gateway, such as http://127.0.0.1:8000
  --key-file     API keys, one a line, one a tenant: row n goes to key n modulo their number
  --source       tells files with equal beginnings apart (part of every event id)
  --batch        events of one request, 1 to 1000 (default 500)
  --concurrency  requests in flight (default 4)
  --patience     seconds until a batch that is not taken ends the replay (default 300)
  --format       of the summary: text or json (default text)`;

/** Reads the arguments; throws E_VALUE with the usage. */
export function readArguments(args: readonly string[]): ReplayArguments {
  const { values, positionals } = parse(args);
  const [file, ...rest] = positionals;
  const missing = (["mapping", "url", "key-file"] as const).filter((name) => values[name] === undefined);
  if (file === undefined || rest.length > 0) throw wrong(`one FILE, got ${positionals.length}`);
  if (missing.length > 0) throw wrong(missing.map((name) => `--${name}`).join(", "));
  if (!URL.canParse(values.url ?? "")) throw wrong(`a URL, got ${values.url}`);
  if (values.format !== "text" && values.format !== "json") throw wrong(`--format text or json, got ${values.format}`);
  return {
    file,
    mapping: values.mapping ?? "",
    url: values.url ?? "",
    keyFile: values["key-file"] ?? "",
    source: values.source,
    batchSize: whole("batch", values.batch, 1000),
    concurrency: whole("concurrency", values.concurrency, 64),
    patienceSeconds: whole("patience", values.patience, 86_400),
    format: values.format,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        mapping: { type: "string" },
        url: { type: "string" },
        "key-file": { type: "string" },
        source: { type: "string", default: "" },
        batch: { type: "string", default: "500" },
        concurrency: { type: "string", default: "4" },
        patience: { type: "string", default: "300" },
        format: { type: "string", default: "text" },
      },
    });
  } catch (error) {
    throw new CaissonError("E_VALUE", `${error instanceof Error ? error.message : String(error)}\n${usage}`, {
      cause: error,
    });
  }
}

function whole(name: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw wrong(`--${name} from 1 to ${most}, got ${text}`);
}

function wrong(expected: string): CaissonError {
  return new CaissonError("E_VALUE", `expected ${expected}\n${usage}`);
}
