import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVerifierOf, scramVerifier } from "./scram-verifier.ts";

describe("scramVerifier", () => {
  test("is RFC 7677's example", () => {
    // The RFC's exchange with user "user", password "pencil", salt W22ZaJ0SNY7soEsUEjb6gQ==, 4096 rounds ends in the
    // server signature 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=, which only these keys make.
    expect(scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"))).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
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
