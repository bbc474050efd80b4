import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { CaissonError } from "@caisson/core/run";
import { http } from "../host/http.ts";
import type { Attempt, HttpProbe, Outcome } from "./probe-spec.ts";

const bodyChars = 2048;
const detailChars = 200;

/** GET on a connection of its own: a kept-alive one would prove an old worker. The body's first words explain a refusal. */
export function httpAttempt(spec: HttpProbe): Attempt {
  if (!spec.url.startsWith("http://") || !URL.canParse(spec.url)) {
    throw new CaissonError("E_VALUE", `expected an http:// URL to probe, got ${JSON.stringify(spec.url)}`);
  }
  const [lowest, highest] = spec.expectStatus ?? [200, 399];
  const { hostname, port } = new URL(spec.url);
  const address = { host: hostname.replaceAll(/^\[|\]$/g, ""), port: Number(port || 80) };
  let answers = false;
  return async (signal) => {
    // While a program starts most attempts are refused, which a bare connection learns at a third of a request's cost.
    const socket = answers ? undefined : await connected(address, signal);
    answers = false;
    const response = await send(spec.url, socket, signal);
    answers = true;
    const status = response.statusCode ?? 0;
    if (status < lowest || status > highest) return refusal(status, await readStart(response));
    response.on("error", () => undefined); // the body is of no interest, and may be cut off by the timeout
    response.resume();
    return { ok: true, detail: `answered ${status}` };
  };
}

function connected(address: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, signal });
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
}

/** `socket`: a connection to send it on, which ends with the answer however that ends. */
function send(url: string, socket: Socket | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, {
      agent: false,
      ...(socket && { createConnection: () => socket }),
      signal,
      headers: { "user-agent": "caisson-probe" },
    });
    sent.once("response", (response) => {
      response.once("close", () => socket?.destroy());
      resolve(response);
    });
    sent.on("error", (error) => {
      socket?.destroy();
      reject(error);
    });
    sent.end();
  });
}

async function readStart(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length >= bodyChars) break; // leaving the loop closes the connection
  }
  return text.slice(0, bodyChars);
}

function refusal(status: number, body: string): Outcome {
  const reason = reasonIn(body).replaceAll(/\s+/g, " ").trim().slice(0, detailChars);
  return { ok: false, detail: reason === "" ? `answered ${status}` : `answered ${status}: ${reason}` };
}

/** The sentence in a JSON body, else plain text. */
function reasonIn(body: string): string {
  if (/^\s*</.test(body)) return ""; // a page of HTML says little in its first words
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return String(parsed);
    const fields = new Map<string, unknown>(Object.entries(parsed));
    const reasons = fields.get("reasons");
    if (Array.isArray(reasons)) return reasons.map(reasonText).join("; ");
    const found = ["reason", "detail", "message", "error", "title"].map((name) => fields.get(name));
    return found.find((value) => typeof value === "string") ?? "";
  } catch {
    return body; // not JSON, or cut off
  }
}

/** Our kit answers `{"ready": false, "reasons": [{"name": "postgres", "detail": "schema is at 3, needs 4"}]}`. */
function reasonText(reason: unknown): string {
  if (typeof reason !== "object" || reason === null) return String(reason);
  const { name, detail } = reason as { readonly name?: unknown; readonly detail?: unknown };
  return [name, detail].filter((part) => typeof part === "string").join(": ");
}
