import { createServer, type Server } from "node:http";
import type { RunningPod } from "./supervise.ts";

/** Answers for the pod: alive while it answers, ready while every member is; else 503 with the reason of each that is not. */
export function healthServer(pod: Pick<RunningPod, "reasons">): Server {
  return createServer((request, response) => {
    const reasons = pod.reasons();
    const answers: Readonly<Record<string, readonly [status: number, body: unknown]>> = {
      "/health/live": [200, { live: true }],
      "/health/ready": [reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons }],
    };
    const [status, body] = answers[request.url ?? ""] ?? [404, { title: "expected /health/live or /health/ready" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
}
