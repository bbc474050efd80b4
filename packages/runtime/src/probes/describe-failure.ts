/** Says in a few words why an attempt got no answer: "connection refused at 127.0.0.1:54321". */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // a name with several addresses: each was tried
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  // as Node's system errors carry them
  const { code, address, port, path } = error as Error & Readonly<Partial<Record<string, unknown>>>;
  const sentence = typeof code === "string" ? words[code] : undefined;
  if (sentence === undefined) return error.message;
  if (typeof address === "string")
    return `${sentence} at ${port === undefined ? address : `${address}:${String(port)}`}`;
  return typeof path === "string" ? `${sentence}: ${path}` : sentence;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed before an answer",
  EPIPE: "the connection was closed before an answer",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EADDRNOTAVAIL: "no free local port to connect from",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  EMFILE: "no file descriptor left to probe with",
  // What Node says of these is advice for its own options.
  CERT_SIGNATURE_FAILURE: "its certificate is of another authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of another authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is of another authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate does not bring the root that it leads to",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate does not bring the root that it leads to",
  ENOENT: "not found",
  EACCES: "not permitted",
};
