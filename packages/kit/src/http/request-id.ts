import { hexSource } from "../tracing/hex-source.ts";

const sane = /^[A-Za-z0-9._:-]{8,128}$/;

/** Takes the caller's `x-request-id` if it is fit to be logged and passed on, else makes one. */
export function requestIds(): (given: string | readonly string[] | undefined) => string {
  const hex = hexSource();
  return (given) => (typeof given === "string" && sane.test(given) ? given : hex(12));
}
