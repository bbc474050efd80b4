import type { Attempt, Outcome, PostgresProbe } from "./probe-spec.ts";
import { talk, talkOn } from "./talk.ts";

/**
 * The first packet of the wire protocol by hand: a server that is starting up, shutting down or recovering refuses it with
 * a reason, one that hangs stays silent. No password is needed to learn that it would take one.
 */
export function postgresAttempt(spec: PostgresProbe): Attempt {
  const packet = startupPacket({ user: spec.user, database: spec.database, application_name: "caisson-probe" });
  const { tls } = spec;
  if (!tls) return (signal) => talk(spec, packet, readReply, signal, farewell);
  return async (signal) => {
    // Few stores speak TLS: for the others it is not loaded.
    const { postgresTls } = await import("./postgres-tls.ts");
    return talkOn(await postgresTls(spec, tls, signal), packet, readReply, farewell);
  };
}

function farewell(outcome: Outcome): Buffer | undefined {
  return outcome === inSession ? terminate : undefined;
}

const inSession: Outcome = { ok: true, detail: "takes sessions" };

/**
 * "I am leaving", without which the server would log a lost connection. One that waits for a proof of who we are takes the
 * end of the connection without a word, but would log this as a wrong answer.
 */
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);
const longestMessage = 16 << 10;

/** length, protocol 3.0, then name and value pairs, each ended by NUL. */
function startupPacket(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + body.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, body]);
}

/** Messages are: one letter, length (itself included), body. Undefined until the one that decides is whole. */
function readReply(received: Buffer): Outcome | undefined {
  for (let at = 0; at + 5 <= received.length;) {
    const type = String.fromCharCode(received[at] ?? 0);
    const length = received.readInt32BE(at + 1);
    const least = type === "R" ? 8 : 4;
    if (length < least || length > longestMessage || !"RSKZENv".includes(type)) return notPostgres;
    const end = at + 1 + length;
    if (end > received.length) return undefined;
    const body = received.subarray(at + 5, end);
    if (type === "Z") return inSession;
    if (type === "E") return judgeError(body);
    // R with 0 lets us in: whether into this database, the next messages tell; all other R ask for a proof first
    if (type === "R" && body.readInt32BE(0) !== 0) return { ok: true, detail: "takes sessions, asks to authenticate" };
    at = end;
  }
  return undefined;
}

const notPostgres: Outcome = { ok: false, detail: "answered, but not as PostgreSQL does" };

function judgeError(body: Buffer): Outcome {
  // fields of one letter and a text, each ended by NUL: S severity, C SQLSTATE, M message
  const fields = body.toString("utf8").split("\0");
  const field = (letter: string): string => fields.find((text) => text.startsWith(letter))?.slice(1) ?? "";
  const [state, message] = [field("C"), field("M")];
  // Turning away this user (class 28) or this database (3D000), it takes sessions: roles and databases may come later.
  if (state.startsWith("28") || state === "3D000")
    return { ok: true, detail: `takes sessions, but not this one: ${message}` };
  return { ok: false, detail: `refused: ${message} (${state})` };
}
