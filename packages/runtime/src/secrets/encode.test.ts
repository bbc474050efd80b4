import { decodeBase64 } from "bcryptjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveSalt, encodeOps, mosquittoHash } from "./encode.ts";

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

test("what SCRAM clients normalise differently is refused", () => {
  for (const text of ["pässword", "a\u00a0b", "tab\t", ""]) {
    expect(() => encodeOps["scram-sha-256"](text, (bytes) => Buffer.alloc(bytes))).toThrow(
      expect.objectContaining({ code: "E_SECRET_VALUE" }),
    );
  }
});

test("bcrypt is that of crypt_blowfish, and refuses what it would cut off", () => {
  // Its own test vector: "U*U" with the salt that is written CCCCCCCCCCCCCCCCCCCCC.
  const salt = (): Buffer => Buffer.from(decodeBase64("CCCCCCCCCCCCCCCCCCCCC.", 16));
  expect(encodeOps.bcrypt("U*U", salt)).toBe("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
  expect(() => encodeOps.bcrypt("ä".repeat(37), salt)).toThrow(expect.objectContaining({ code: "E_SECRET_VALUE" }));
});

test("each operation and each version has a salt of its own, always the same", () => {
  const one = deriveSalt("AAAA", "scram-sha-256", 16);
  expect(one.length).toBe(16);
  expect(deriveSalt("AAAA", "scram-sha-256", 16)).toEqual(one);
  expect(deriveSalt("AAAA", "pbkdf2-mosquitto", 16)).not.toEqual(one);
  expect(deriveSalt("AAAB", "scram-sha-256", 16)).not.toEqual(one);
});
