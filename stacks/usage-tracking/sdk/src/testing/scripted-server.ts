import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What a scripted server does with one request; without a step it takes everything, as the gateway would. */
export type Step =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | "reset"
  | "hang";

/** A request as it came. */
export interface Received {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: string;
  readonly atMs: number;
}

/** A real server on the loopback that fails as it is told, step by step. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Ids of every event that was acknowledged. */
  readonly acknowledged: readonly string[];
  /** What happens to the next requests, one step each; the last one stays when `forever`. */
  readonly script: (steps: readonly Step[], forever?: "forever") => void;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const received: Received[] = [];
  const acknowledged: string[] = [];
  let steps: Step[] = [];
  let repeat = false;
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
    received.push({
      path: request.url ?? "",
      key: request.headers["x-api-key"]?.toString(),
      body,
      atMs: performance.now(),
    });
    const step = repeat && steps.length === 1 ? steps[0] : steps.shift();
    if (step === "hang") return;
    if (step === "reset") return void request.socket.destroy();
    const { status, headers, body: said } = step ?? { status: 202, body: takeAll(body) };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof said === "string" ? said : JSON.stringify(said ?? {}));
  };
  const takeAll = (body: string): object => {
    const events = JSON.parse(body) as { event_id: string }[];
    acknowledged.push(...events.map((event) => event.event_id));
    const results = events.map((event, index) => ({ index, event_id: event.event_id, status: "accepted" }));
    return { accepted: events.length, duplicate: 0, invalid: 0, results };
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    acknowledged,
    script: (next, forever) => {
      steps = [...next];
      repeat = forever === "forever";
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
