import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVerifierOf, scramVerifier } from "./scram-verifier.ts";

describe("scramVerifier", () => {
  test("fits the exchange of RFC 7677, section 3", () => {
    const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"), 4096);
    const [, stored = "", server = ""] =
      /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+):(.+)$/.exec(verifier) ?? [];
    const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const first = "n=user,r=rOprNGfwEbeRWgbNEkqO";
    const authMessage = `${first},r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
    const hmac = (key: string): Buffer => createHmac("sha256", Buffer.from(key, "base64")).update(authMessage).digest();
    expect(hmac(server).toString("base64")).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
    const clientKey = proof.map((byte, index) => byte ^ (hmac(stored)[index] ?? 0));
    expect(createHash("sha256").update(clientKey).digest("base64")).toBe(stored);
  });

  test("is recognised for its password and no other, with any salt and rounds", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string(),
        fc.integer({ min: 1, max: 50 }),
        (password, other, rounds) => {
          const verifier = scramVerifier(password, undefined, rounds);
          expect(isVerifierOf(verifier, password)).toBe(true);
          expect(isVerifierOf(verifier, `${password}x${other}`)).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("takes passwords that clients treat alike for the same", () => {
    expect(isVerifierOf(scramVerifier("\uFB01x\u00A0y\u00ADz"), "fix yz")).toBe(true);
  });

  test.each(["", "md5abcdef", "SCRAM-SHA-256$", "SCRAM-SHA-256$x:y$z:w", "SCRAM-SHA-256$1:AAAA$short:short"])(
    "does not take %j for a verifier",
    (text) => {
      expect(isVerifierOf(text, "")).toBe(false);
    },
  );
});
