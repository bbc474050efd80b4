import { expect, test } from "vitest";
import { isUnavailable } from "./unavailable.ts";

// As Node and PostgreSQL name them.
test.each([
  ["ECONNREFUSED", true],
  ["57P03", true],
  ["08006", true],
  ["CERT_HAS_EXPIRED", true],
  ["ERR_TLS_CERT_ALTNAME_INVALID", true],
  ["SELF_SIGNED_CERT_IN_CHAIN", true],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", true],
  ["23505", false],
  ["ERR_INVALID_ARG_TYPE", false],
])("an error %s says that the other side cannot be asked: %s", (code, expected) => {
  expect(isUnavailable(Object.assign(new Error("said so"), { code }))).toBe(expected);
});
