import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveSalt, encodeOps, mosquittoHash, scramVerifier } from "./encode.ts";

test("the SCRAM verifier fits the exchange of RFC 7677, section 3", () => {
  const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"), 4096);
  const [, stored = "", server = ""] = /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+):(.+)$/.exec(verifier) ?? [];
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const first = "n=user,r=rOprNGfwEbeRWgbNEkqO";
  const authMessage = `${first},r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
  const hmac = (key: string): Buffer => createHmac("sha256", Buffer.from(key, "base64")).update(authMessage).digest();
  expect(hmac(server).toString("base64")).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
  const clientKey = proof.map((byte, index) => byte ^ (hmac(stored)[index] ?? 0));
  expect(createHash("sha256").update(clientKey).digest("base64")).toBe(stored);
});

test("the Mosquitto hash is the one mosquitto_passwd 2.0.11 writes", () => {
  const salt = Buffer.from("wE1xE8AEj59oZvpX", "base64");
  expect(mosquittoHash("correct horse battery", salt, 1000)).toBe(
    "$7$1000$wE1xE8AEj59oZvpX$weex9tUH36BTL+tshPMSh+VNtXri4S2rWhDdku+M9e5nn0BjOpdvv4fIhqkKNtUmKQBnwbLpjIM/EjXqwBCbAQ==",
  );
});

test("sha256 is that of FIPS 180", () => {
  const noSalt = (): Buffer => Buffer.alloc(0);
  expect(encodeOps.sha256("abc", noSalt)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("url and json survive the readers they are meant for", () => {
  const noSalt = (): Buffer => Buffer.alloc(0);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const url = new URL(`postgres://user:${encodeOps.url(text, noSalt)}@host:1/db`);
      expect(decodeURIComponent(url.password)).toBe(text);
      expect(encodeOps.url(text, noSalt)).toMatch(/^[A-Za-z0-9%._~-]*$/);
      expect(JSON.parse(encodeOps.json(text, noSalt))).toBe(text);
    }),
  );
});

test("what SCRAM clients normalise differently is refused, bcrypt is not built", () => {
  for (const text of ["pässword", "a\u00a0b", "tab\t", ""]) {
    expect(() => scramVerifier(text, Buffer.alloc(16), 1)).toThrow(expect.objectContaining({ code: "E_SECRET_VALUE" }));
  }
  expect(() => encodeOps.bcrypt("x", () => Buffer.alloc(0))).toThrow(
    expect.objectContaining({ code: "E_NOT_IMPLEMENTED" }),
  );
});

test("each operation and each version has a salt of its own, always the same", () => {
  const one = deriveSalt("AAAA", "scram-sha-256", 16);
  expect(one.length).toBe(16);
  expect(deriveSalt("AAAA", "scram-sha-256", 16)).toEqual(one);
  expect(deriveSalt("AAAA", "pbkdf2-mosquitto", 16)).not.toEqual(one);
  expect(deriveSalt("AAAB", "scram-sha-256", 16)).not.toEqual(one);
});
