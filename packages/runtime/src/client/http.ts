import { CaissonError, errorTable, type ErrorCode } from "@caisson/core/errors";
import type { IncomingMessage } from "node:http";
import { http } from "../host/http.ts";

/** One JSON answer from the agent. `T` is the protocol's type for that path. E_AGENT_LOST when `signal` aborts first. */
export async function requestJson<T>(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await send(socket, method, path, body, signal);
  const text = await textOf(response);
  if (response.statusCode !== 200) throw agentError(text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** An NDJSON answer, line by line, until it ends or `signal` aborts (then it ends without an error). */
export async function* requestLines<T>(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  const response = await unlessAborted(send(socket, method, path, body, signal), signal);
  if (!response) return;
  response.setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (response.statusCode !== 200) rest = lines.concat(rest).join("\n");
      else for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw lost(error);
    return;
  } finally {
    response.destroy();
  }
  if (response.statusCode !== 200) throw agentError(rest);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw lost(error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
}

function send(
  socket: string,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // `servername`: a socket has none, and to find that out Node compiles a pattern of all IPv6 addresses, for 10 ms.
    // No connection is kept for the next question: the agent may be gone by then, or another one there.
    const options = { socketPath: socket, method, path, agent: false, servername: "", ...(signal && { signal }) };
    const outgoing = http.request({ ...options, headers: { "content-type": "application/json" } }, resolve);
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const gone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(gone ? new CaissonError("E_NOT_RUNNING", "the stack is not running", { cause: error }) : lost(error));
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function lost(cause: unknown): CaissonError {
  // Node wraps a signal's reason into an AbortError of its own.
  const silent = cause instanceof Error && cause.cause instanceof Error && cause.cause.name === "TimeoutError";
  const what = silent ? "the stack's agent does not answer" : "the connection to the stack's agent broke";
  return new CaissonError("E_AGENT_LOST", what, { cause });
}

function agentError(text: string): Error {
  try {
    // The agent answers every failure with this shape; anything else falls through to the raw text.
    const { code, message, hint } = JSON.parse(text) as { code: string; message: string; hint: string };
    if (code in errorTable) return new CaissonError(code as ErrorCode, message, { hint });
    return new Error(message);
  } catch {
    return new Error(`the agent answered: ${text}`);
  }
}
