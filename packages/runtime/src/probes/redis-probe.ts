import { readFileSync } from "node:fs";
import type { Attempt, Outcome, RedisProbe } from "./probe-spec.ts";
import { talk } from "./talk.ts";

/**
 * PING, after AUTH when a password is given. LOADING, MASTERDOWN and a wanted password are no readiness. A node of a cluster
 * is asked for the cluster's state too.
 */
export function redisAttempt(spec: RedisProbe): Attempt {
  return async (signal) => {
    const commands = [...authentication(spec), ["PING"]];
    const asked = spec.cluster ? [...commands, ["CLUSTER", "INFO"]] : commands;
    const greeting = Buffer.concat(asked.map(encode));
    const read = (received: Buffer): string[] | undefined =>
      readReplies(received, commands.length, spec.cluster === true);
    const [replies, state] = split(await talk(spec, greeting, read, signal), commands.length);
    const outcome = judge(replies, spec.passwordFile !== undefined);
    return outcome.ok && spec.cluster ? judgeCluster(state) : outcome;
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

/** Undefined until `count` lines came, and of a cluster the one with its state, or one that refuses. */
function readReplies(received: Buffer, count: number, cluster: boolean): string[] | undefined {
  const lines = received.toString("utf8").split("\r\n").slice(0, -1);
  const [replies, state] = split(lines, count);
  if (replies.some((line) => !line.startsWith("+"))) return lines;
  const isWhole = replies.length === count && (!cluster || state.some((line) => /^(?:-|cluster_state:)/.test(line)));
  return isWhole ? lines : undefined;
}

function split(lines: readonly string[], count: number): [replies: string[], state: string[]] {
  return [lines.slice(0, count), lines.slice(count)];
}

function judgeCluster(state: readonly string[]): Outcome {
  const line = state.find((each) => each.startsWith("cluster_state:") || each.startsWith("-")) ?? "";
  const ok = line === "cluster_state:ok";
  return { ok, detail: ok ? "answered PONG, its cluster is ok" : `not all slots are served: ${line}` };
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
