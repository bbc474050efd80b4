import type { Socket } from "node:net";
import { httpProblem, problemBody, problemType } from "./problem.ts";

/** Answers what never became a request: bytes that are not HTTP, headers too large, a request that takes too long. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // The peer is gone, or an answer is already on its way: nothing to say any more.
  if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const problem = clientProblem(error.code);
  const body = JSON.stringify(problemBody(problem));
  const reason = problem.title.replaceAll(/[^\x20-\x7e]/g, "");
  socket.end(
    `HTTP/1.1 ${problem.status} ${reason}\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function clientProblem(code: string | undefined): ReturnType<typeof httpProblem> {
  if (code === "HPE_HEADER_OVERFLOW") return httpProblem("headers_too_large", "the headers are larger than 16 KiB");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return httpProblem("request_timeout", "the request did not arrive in time");
  return httpProblem("bad_request", "this is not an HTTP/1.1 request");
}
