/** The codes of the kit's own HTTP errors, with status and title (RFC 9457). Programs add theirs with `httpProblem`. */
export const problemTable = {
  validation_failed: { status: 400, title: "The request does not have the expected form" },
  bad_request: { status: 400, title: "The request cannot be understood" },
  invalid_json: { status: 400, title: "The body is not valid JSON" },
  unauthenticated: { status: 401, title: "Credentials are missing or not valid" },
  forbidden: { status: 403, title: "The credentials do not allow this" },
  not_found: { status: 404, title: "There is nothing here" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  conflict: { status: 409, title: "The request contradicts the present state" },
  payload_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body's media type is not supported" },
  unprocessable: { status: 422, title: "The request is well-formed but cannot be carried out" },
  too_many_requests: { status: 429, title: "Too many requests" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  internal_error: { status: 500, title: "Something went wrong here" },
  not_implemented: { status: 501, title: "This is not built yet" },
  not_ready: { status: 503, title: "The service is not ready" },
  dependency_unavailable: { status: 503, title: "Something the service needs is not available" },
  handler_timeout: { status: 503, title: "The request took too long to answer" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** One of the codes of {@link problemTable}. */
export type ProblemCode = keyof typeof problemTable;
