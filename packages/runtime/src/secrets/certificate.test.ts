import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { isCurrent, newAuthority, newCertificate, refusalOf } from "./certificate.ts";
import { certificatesOf } from "./encode.ts";

const now = Date.now();
const day = 86_400_000;
const names = ["broker", "localhost", "127.0.0.1"];
const authority = newAuthority("Caisson local-authority", now);
const server = newCertificate(authority, names, now);

/** What a client that trusts `ca` is told when it connects under a name; empty: it is let in. */
async function refusal(ca: string, servername: string): Promise<string> {
  const listener = createServer({ key: server, cert: server }, (socket) => socket.end()).listen(0, "127.0.0.1");
  onTestFinished(() => void listener.close());
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", ca: certificatesOf(ca), servername });
  return once(socket, "secureConnect").then(
    () => {
      expect(socket.authorized).toBe(true);
      socket.destroy();
      return "";
    },
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

test("is trusted by who trusts its authority, under its names alone", async () => {
  expect(await refusal(authority, "localhost")).toBe("");
  expect(await refusal(authority, "broker")).toBe("");
  expect(await refusal(authority, "example.org")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  expect(await refusal(newAuthority("another", now), "localhost")).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/);
});

test("is a server's and no authority, and its authority signs certificates and nothing else", () => {
  const [own, root] = [new X509Certificate(server), new X509Certificate(authority)];
  expect([own.ca, root.ca]).toEqual([false, true]);
  expect(own.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(own.subjectAltName).toBe("DNS:broker, DNS:localhost, IP Address:127.0.0.1");
  expect(own.checkIssued(root)).toBe(true);
  expect(certificatesOf(server)).not.toContain("PRIVATE KEY");
  expect(server).toContain("PRIVATE KEY");
});

test("is no longer current near its end, for other names, and under another authority", () => {
  expect(isCurrent(server, authority, names, now)).toBe(true);
  expect(isCurrent(server, authority, names, now + 59 * day)).toBe(true);
  expect(isCurrent(server, authority, names, now + 61 * day)).toBe(false);
  expect(isCurrent(server, authority, [...names, "mqtt.example.org"], now)).toBe(false);
  expect(isCurrent(server, newAuthority("another", now), names, now)).toBe(false);
});

test("supplied, it is refused where no client could verify it", () => {
  const another = newAuthority("another", now);
  const root = certificatesOf(authority);
  const own = certificatesOf(server);
  const key = server.replaceAll(own, "");
  const ended = newCertificate(authority, names, now - 100 * day);
  const refused = (pem: string, trusted = root) => refusalOf(pem, trusted, names, now);
  expect(refused(server)).toBe("");
  // Whichever comes first.
  expect(refused(own + root + key)).toBe("");
  // What a supplied one leads to is what it brings.
  expect(refused(server + root, server + root)).toBe("");
  expect(refused(server, server)).toMatch(/chain/);
  expect(refused(server, another)).toMatch(/chain/);
  expect(refused(newCertificate(authority, names.slice(1), now))).toBe("a certificate for broker too");
  expect(refused(ended)).toMatch(/^a certificate that is good/);
  expect(refused(key + root)).toMatch(/in PEM/);
  expect(refused(own)).toMatch(/in PEM/);
  expect(refused("nonsense")).toMatch(/in PEM/);
});
