import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { isUnavailable } from "../health/unavailable.ts";
import { HttpProblem, httpProblem, problemBody, problemType } from "./problem.ts";

/** Answers an error as RFC 9457 says. What is not the caller's fault is logged whole and answered without a word of it. */
export function sendError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = asProblem(error);
  if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, "request failed");
  else request.log.debug({ code: problem.code, status: problem.status, detail: problem.message }, "request refused");
  sendProblem(problem, request, reply);
}

/** Sends a problem. As bytes, since Fastify adds a charset to a text, and this media type has none. */
export function sendProblem(problem: HttpProblem, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type(problemType)
    .send(Buffer.from(JSON.stringify(problemBody(problem, request.id))));
}

/** The problem that an error stands for. */
function asProblem(error: Error & { readonly code?: string; readonly statusCode?: number }): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isUnavailable(error)) {
    return httpProblem("dependency_unavailable", "something this needs is not available at the moment; try again", {
      headers: { "retry-after": "1" },
      cause: error,
    });
  }
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return httpProblem("payload_too_large", "the body is larger than this route takes", { cause: error });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return httpProblem("unsupported_media_type", "expected a body of type application/json", { cause: error });
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return httpProblem("invalid_json", "the body is not JSON, or it holds a key like __proto__", { cause: error });
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return httpProblem("invalid_json", "expected a JSON body, got nothing", { cause: error });
    case "FST_ERR_HANDLER_TIMEOUT":
      return httpProblem("handler_timeout", "no answer was ready in time", {
        headers: { "retry-after": "1" },
        cause: error,
      });
    default:
  }
  const status = error.statusCode ?? 500;
  if (error instanceof SyntaxError && status === 400)
    return httpProblem("invalid_json", error.message, { cause: error });
  // Other errors of the framework that are the caller's fault: their message speaks of the request only.
  if (status >= 400 && status < 500) {
    return httpProblem({ status, code: "bad_request", title: "The request cannot be understood" }, error.message, {
      cause: error,
    });
  }
  return httpProblem(
    "internal_error",
    "the request failed for a reason on our side; the log has it under the request's id",
    {
      cause: error,
    },
  );
}
