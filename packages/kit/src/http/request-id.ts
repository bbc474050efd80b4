import { randomBytes } from "node:crypto";

const sane = /^[A-Za-z0-9._:-]{8,128}$/;

/** The caller's `x-request-id` if it is fit to be logged and passed on, else a new one. */
export function requestId(given: string | readonly string[] | undefined): string {
  return typeof given === "string" && sane.test(given) ? given : randomBytes(12).toString("hex");
}
