import { startDatabase, type TestDatabase } from "./database.ts";
import { makeKey, runProgram, startProgram, type RunningProgram, type StackConfig } from "./programs.ts";

/** The whole stack on a database of its own, with one key per tenant. */
export interface TestStack extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly config: StackConfig;
  readonly keys: Readonly<Record<string, string>>;
  readonly gateway: RunningProgram;
  readonly processor: RunningProgram;
  readonly queries: RunningProgram;
}

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** Starts gateway, processor and query service on a migrated database, and makes a key for each tenant. */
export async function startStack(tenants: readonly string[], redisUrl?: string): Promise<TestStack> {
  const stack = new AsyncDisposableStack();
  try {
    const database = stack.use(await startDatabase());
    const databaseUrl = await database.create("usage");
    const config = { databaseUrl, pepper: "test-pepper-".repeat(4), ...(redisUrl !== undefined && { redisUrl }) };
    const migrated = await runProgram("migrate", config);
    if (migrated.code !== 0) throw new Error(`migrate failed: ${migrated.stdout}`);
    const start = async (name: Parameters<typeof startProgram>[0]): Promise<RunningProgram> =>
      stack.use(await startProgram(name, config));
    const [gateway, processor, queries] = [
      await start("api-gateway"),
      await start("event-processor"),
      await start("query-service"),
    ];
    const keys = Object.fromEntries(
      await Promise.all(tenants.map(async (tenant) => [tenant, await makeKey(config, tenant)] as const)),
    );
    await Promise.all([gateway, processor, queries].map((program) => program.ready()));
    const owned = stack.move();
    return { database, config, keys, gateway, processor, queries, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Sends a request; `json` is its body as it is, or a value to be written as JSON. */
export async function send(
  method: string,
  url: string,
  options: {
    readonly key?: string | undefined;
    readonly json?: unknown;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { key, json, headers } = options;
  const body =
    json === undefined || typeof json === "string" || json instanceof Uint8Array ? json : JSON.stringify(json);
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { "x-api-key": key }),
      ...headers,
    },
    ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // not JSON
  }
}
