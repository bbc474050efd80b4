/** Errors of a connection rather than of what was asked: the other side is away, starting, stopping, full or too slow. */
const codes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT", // its unix socket is not there
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "53300", // too many connections
  "57P01", // admin shutdown
  "57P02", // crash shutdown
  "57P03", // cannot connect now
]);

/** It shows a certificate that is not to be trusted, or no longer. */
const certificates = /^(?:CERT_|ERR_TLS_CERT_|UNABLE_TO_(?:GET|VERIFY)_|SELF_SIGNED_|DEPTH_ZERO_)/;

const messages = /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/;

/** True when an error says that a dependency could not be asked, so that the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (typeof code === "string" && (code.startsWith("08") || codes.has(code) || certificates.test(code))) {
    return code !== "ENOENT" || syscall === "connect";
  }
  return messages.test(error.message) || (error.cause !== undefined && isUnavailable(error.cause));
}
