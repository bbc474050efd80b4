import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, isIP } from "node:net";
import { addAbortSignal } from "node:stream";
import { connect as secure, type TLSSocket } from "node:tls";
import type { PostgresProbe } from "./probe-spec.ts";

/** length 8, then the code that stands where a version would: "may we speak TLS?" */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** A connection on which PostgreSQL speaks TLS: it is asked in the clear, answers S or N, and then hands are shaken. */
export async function postgresTls(
  { host, port }: Pick<PostgresProbe, "host" | "port">,
  { name, authorityFile }: NonNullable<PostgresProbe["tls"]>,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const ca = authorityFile === undefined ? undefined : readFileSync(authorityFile);
  const raw = connect({ host, port, noDelay: true, signal });
  // Whoever waits is told; later, what is above it is.
  raw.on("error", () => {});
  raw.write(sslRequest);
  const [answer] = (await Promise.race([once(raw, "data"), closed(raw)])) as [Buffer];
  if (answer.toString("latin1") !== "S") {
    raw.destroy();
    throw new Error(
      answer.toString("latin1") === "N" ? "it does not speak TLS" : "answered, but not as PostgreSQL does",
    );
  }
  // An address is no server name to ask for, and is held against the certificate all the same.
  const socket = secure({
    socket: raw,
    host: name,
    ...(isIP(name) === 0 && { servername: name }),
    ...(ca ? { ca } : { rejectUnauthorized: false }),
  });
  addAbortSignal(signal, socket);
  await Promise.race([once(socket, "secureConnect"), closed(socket)]);
  return socket;
}

/** Rejects once the other side has closed; never resolves. */
function closed(socket: NodeJS.EventEmitter): Promise<never> {
  return new Promise((_, reject) => {
    socket.once("close", () => reject(new Error("the connection was closed before an answer")));
  });
}
