import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, until } from "./testing/database.ts";
import { send, startStack, type TestStack } from "./testing/stack.ts";
import { llmEvent } from "./testing/usage-events.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack(["acme"]);
});
afterAll(() => stack[Symbol.asyncDispose]());

const mebibyte = 1024 * 1024;
/** What the stack gives the gateway. */
const memoryLimit = 512 * mebibyte;

/** The most memory a process has ever had resident, in bytes. */
function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

// Members of a gzip stream follow each other: a gibibyte of zeros in a mebibyte.
const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * mebibyte))));
const inText = (json: string): string => JSON.stringify([llmEvent()]).replace(/\}\]$/, `,${json}}]`);
const gzip = { "content-encoding": "gzip" };
const lines = { "content-type": "application/x-ndjson" };

test.each<[string, () => string | Uint8Array, Record<string, string>, number]>([
  ["10 MB", () => `["${"x".repeat(10e6)}"]`, {}, 413],
  ["a million arrays in each other", () => "[".repeat(1e6), {}, 400],
  ["a million objects in each other", () => '{"a":'.repeat(5e5), {}, 400],
  ["NaN", () => inText('"latency_ms":NaN'), {}, 400],
  ["a number of a million digits", () => inText(`"latency_ms":${"9".repeat(1e6)}`), {}, 422],
  ["a number with a large exponent", () => inText('"latency_ms":1e999999999'), {}, 422],
  ["bad UTF-8", () => Buffer.from("5b22fffe225d", "hex"), {}, 400],
  ["a gibibyte of zeros in a mebibyte", () => bomb, gzip, 413],
  ["a gibibyte of lines", () => bomb, { ...gzip, ...lines }, 413],
  ["4 MB of empty lines", () => "\n".repeat(4e6), lines, 400],
  ["two million tiny values", () => `[${"1,".repeat(1.9e6)}1]`, {}, 400],
  ["a key of 3 MB", () => `[{"${"k".repeat(3e6)}":1}]`, {}, 422],
])(
  "%s, many times at once: refused, in bounded memory, and others are served",
  async (_name, body, headers, status) => {
    const sent = body();
    const url = `${stack.gateway.url}/api/v1/events/batch`;
    const key = stack.keys["acme"] ?? "";
    // 503: there is no room for so many at once; 408: on a slow machine they do not arrive in time. An answer that comes
    // before a large body is read may be lost with its connection.
    const attack = Array.from({ length: 12 }, () =>
      send("POST", url, { json: sent, key, headers }).catch(() => undefined),
    );
    const answers = await Promise.all(attack);
    for (const answer of answers) if (answer) expect([status, 503, 408]).toContain(answer.status);
    const alone = await until(async () => {
      const answer = await send("POST", url, { json: sent, key, headers });
      if ([503, 408].includes(answer.status)) throw new Error("expected room and time for one");
      return answer;
    });
    expect(alone.status).toBe(status);
    expect((await send("POST", url, { json: [llmEvent()], key })).status).toBe(202);
    expect(peakOf(stack.gateway.pid)).toBeLessThan(memoryLimit);
  },
  120_000,
);

/** Sends bytes as they are; the answer is everything until the end of the connection. */
async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(stack.gateway.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("error", () => undefined); // cut off: what came until then is the answer
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  socket.end(text);
  await once(socket, "close");
  return answer;
}

test.each<[string, (length: number) => string]>([
  ["shorter than the body", (length) => `content-length: ${length - 5}`],
  ["longer than the body", (length) => `content-length: ${length + 5}`],
  ["twice, and different", (length) => `content-length: ${length}\r\ncontent-length: ${length + 1}`],
  ["beside chunks", (length) => `content-length: ${length}\r\ntransfer-encoding: chunked`],
  ["negative", () => "content-length: -1"],
  ["larger than any number", () => `content-length: ${"9".repeat(30)}`],
])("a Content-Length that lies (%s) stores nothing", async (_name, header) => {
  const stored = (): Promise<unknown> =>
    query(stack.config.databaseUrl, "select count(*)::int as n from inbox where tenant = 1");
  const before = await stored();
  const body = JSON.stringify([llmEvent()]);
  const head = `POST /api/v1/events/batch HTTP/1.1\r\nhost: x\r\nx-api-key: ${stack.keys["acme"]}\r\ncontent-type: application/json\r\n`;
  const answer = await raw(`${head}${header(Buffer.byteLength(body))}\r\n\r\n${body}`);
  expect(answer).not.toMatch(/^HTTP\/1\.1 2/m);
  expect(await stored()).toEqual(before);
});
