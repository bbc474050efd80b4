import type { Attempt, KafkaProbe, Outcome } from "./probe-spec.ts";
import { talk } from "./talk.ts";

/** ApiVersions, the request every broker answers before anything else; the same number must come back without an error. */
export function kafkaAttempt(spec: KafkaProbe): Attempt {
  return (signal) => talk(spec, request(), readAnswer, signal);
}

const correlation = 0x0ca1_5501;

/** Length, api key 18, version 0, correlation id, client id. */
function request(): Buffer {
  const client = Buffer.from("caisson");
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + client.length, 0);
  head.writeInt16BE(18, 4);
  head.writeInt16BE(0, 6);
  head.writeInt32BE(correlation, 8);
  head.writeInt16BE(client.length, 12);
  return Buffer.concat([head, client]);
}

/** Length, correlation id, error code, the list of requests. */
function readAnswer(received: Buffer): Outcome | undefined {
  if (received.length < 10) return undefined;
  if (received.readInt32BE(4) !== correlation) return { ok: false, detail: "answered, but not as Kafka does" };
  const error = received.readInt16BE(8);
  return error === 0
    ? { ok: true, detail: "answered ApiVersions" }
    : { ok: false, detail: `refused with error ${error}` };
}
