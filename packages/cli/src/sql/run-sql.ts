import type { ResourceView } from "@caisson/runtime";
import { withPrivateFiles } from "../child/private-files.ts";
import { urlsOf } from "../child/store-url.ts";
import type { Context } from "../context.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { notRunning, pick, runningStack } from "../project/agent.ts";
import type { SqlArguments } from "../verbs/sql.ts";
import { connect, type SqlClient } from "./client.ts";
import { openPsql } from "./psql.ts";
import { prompt } from "./prompt.ts";
import { resultText } from "./result-text.ts";

/** Runs statements given, or opens a session. */
export async function runSql(context: Context, { flags, words }: SqlArguments): Promise<number> {
  const running = await runningStack(context, flags);
  const store = storeOf((await running.agent.resources()).resources, words);
  if (store.pids.length === 0) throw notRunning(running.open);
  const urlOf = await urlsOf(running.open, flags);
  return await withPrivateFiles(async (keep) => {
    const url = await urlOf(store, keep);
    if (url === undefined) throw usageError(`${store.name} offers no URL to connect to`);
    const interactive = flags.command === undefined && context.stdin.isTTY;
    const code = interactive && context.stdout.isTTY ? await openPsql(context, url, keep) : undefined;
    return code ?? (await withoutPsql(context, await connect(url, store.name), { ...flags, interactive }));
  });
}

async function withoutPsql(
  context: Context,
  client: SqlClient,
  { command, format = "table", interactive }: SqlArguments["flags"] & { readonly interactive: boolean },
): Promise<number> {
  const { interrupt, force, stdin, stdout } = context;
  // Whatever is under way: a statement, or a wait for more of them.
  const interrupted = new Promise<number>((resolve) => {
    interrupt.addEventListener("abort", () => void client.cancel().then(() => resolve(130)), { once: true });
    force.addEventListener("abort", () => resolve(130), { once: true });
  });
  const run = async (): Promise<number> => {
    if (interactive) return await prompt(context, client);
    const text = command ?? (await readAll(stdin.stream));
    if (text.trim() === "") throw new CommandError("E_ARGUMENT", "`caisson sql` wants statements: -c SQL, or on stdin");
    if (!stdout.write(resultText(await client.run(text), format, stdout))) await stdout.drained();
    return 0;
  };
  const ended = run().catch((error: unknown) => {
    if (interrupt.aborted) return 130;
    throw error;
  });
  try {
    return await Promise.race([ended, interrupted]);
  } finally {
    void client.end();
  }
}

/** The PostgreSQL store asked for, or the only one. */
function storeOf(resources: readonly ResourceView[], words: readonly string[]): ResourceView {
  const stores = resources.filter((view) => view.component === "postgres" && view.kind === "component");
  const names = stores.map(({ name }) => name).join(", ");
  const [store, ...more] = words.length > 0 ? pick(resources, words) : stores;
  if (store === undefined)
    throw usageError("the stack has no PostgreSQL store", { hint: "`caisson ps` lists what it has." });
  if (more.length > 0) throw new CommandError("E_ARGUMENT", `which STORE? The stack has ${names}`);
  if (!stores.includes(store))
    throw usageError(
      `${store.name} is a ${store.component === "program" ? store.kind : store.component}, expected a PostgreSQL store`,
      {
        hint: names === "" ? "This stack has none." : `This stack has ${names}.`,
      },
    );
  return store;
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
