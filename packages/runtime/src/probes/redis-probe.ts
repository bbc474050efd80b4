import { readFileSync } from "node:fs";
import type { Attempt, Outcome, RedisProbe } from "./probe-spec.ts";
import { talk } from "./talk.ts";

/** PING, after AUTH when a password is given. LOADING, MASTERDOWN and a wanted password are no readiness. */
export function redisAttempt(spec: RedisProbe): Attempt {
  return async (signal) => {
    const commands = [...authentication(spec), ["PING"]];
    const greeting = Buffer.concat(commands.map(encode));
    const replies = await talk(spec, greeting, (received) => readReplies(received, commands.length), signal);
    return judge(replies, spec.passwordFile !== undefined);
  };
}

function authentication(spec: RedisProbe): string[][] {
  if (spec.passwordFile === undefined) return [];
  const password = readFileSync(spec.passwordFile, "utf8").replace(/\r?\n$/, "");
  return [spec.username === undefined ? ["AUTH", password] : ["AUTH", spec.username, password]];
}

/** RESP: an array of strings, each with its length in bytes. */
function encode(command: readonly string[]): Buffer {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return Buffer.from(`*${command.length}\r\n${parts.join("")}`);
}

/** Undefined until `count` lines came, or one that refuses. */
function readReplies(received: Buffer, count: number): string[] | undefined {
  const lines = received.toString("utf8").split("\r\n").slice(0, -1);
  return lines.length >= count || lines.some((line) => !line.startsWith("+")) ? lines : undefined;
}

function judge(replies: readonly string[], withPassword: boolean): Outcome {
  const refusal = replies.find((line) => !line.startsWith("+"));
  if (refusal === undefined) return { ok: true, detail: "answered PONG" };
  if (!refusal.startsWith("-")) return { ok: false, detail: "answered, but not as Redis does" };
  if (refusal.startsWith("-NOAUTH") && !withPassword) {
    return { ok: false, detail: "asks for a password, and the probe was given none" };
  }
  return { ok: false, detail: `refused: ${refusal.slice(1, 200)}` };
}
