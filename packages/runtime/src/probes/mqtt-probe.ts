import { readFileSync } from "node:fs";
import type { Attempt, MqttProbe, Outcome } from "./probe-spec.ts";
import { talk } from "./talk.ts";

/** CONNECT as a user of its own; only CONNACK with "accepted" is readiness. MQTT 3.1.1, which every broker speaks. */
export function mqttAttempt(spec: MqttProbe): Attempt {
  return async (signal) => {
    const password = readFileSync(spec.passwordFile, "utf8").replace(/\r?\n$/, "");
    return talk(spec, connect(spec.user, password), readAcknowledgement, signal, () => disconnect);
  };
}

const disconnect = Buffer.from([0xe0, 0]);

/** An empty client id with a clean session: the broker gives it one and keeps nothing. */
function connect(user: string, password: string): Buffer {
  const cleanSession = 0x02;
  const flags = 0xc0 | cleanSession; // user name, password
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, flags, 0, 10]), text(""), text(user), text(password)]);
  return Buffer.concat([Buffer.from([0x10, ...remainingLength(body.length)]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function remainingLength(length: number): number[] {
  return length < 128 ? [length] : [(length % 128) | 0x80, ...remainingLength(Math.floor(length / 128))];
}

const refusals: Readonly<Record<number, string>> = {
  1: "does not speak MQTT 3.1.1",
  2: "refuses the client's id",
  3: "is not available yet",
  4: "refuses the user or its password",
  5: "does not let the user in",
};

/** CONNACK: 0x20, length 2, flags, return code. */
function readAcknowledgement(received: Buffer): Outcome | undefined {
  if (received.length > 0 && received[0] !== 0x20)
    return { ok: false, detail: "answered, but not as an MQTT broker does" };
  const code = received[3];
  if (code === undefined) return undefined;
  if (code === 0) return { ok: true, detail: "accepted a session" };
  return { ok: false, detail: refusals[code] ?? `refused a session with code ${code}` };
}
