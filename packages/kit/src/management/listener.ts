import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { http } from "../run/node-http.ts";
import type { AddressInfo } from "node:net";
import { defaultProbePaths, type Program } from "@caisson/core";
import type { Address } from "../run/environment.ts";
import { healthReport, notReady, type Status } from "./status.ts";

/** What the management listener serves. */
export interface ManagementOptions {
  readonly program: Program;
  readonly replica: string;
  readonly status: Status;
  /** The metrics in the Prometheus text format, with its content type. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** An open management listener. */
export interface Management {
  readonly address: Address;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Opens the management listener: live, ready and metrics at the contract's paths (`/health/live`, `/health/ready`, `/metrics`
 * without an HTTP contract), `/health` and `/contract`. GET and HEAD only; it never shares the public port.
 */
export async function listenManagement(options: ManagementOptions, address: Address): Promise<Management> {
  const answers = answersOf(options);
  const server = http.createServer(
    { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      void answer(answers, request, response);
    },
  );
  server.listen({ host: address.host, port: address.port });
  await listening(server);
  const bound = server.address() as AddressInfo; // listening on TCP
  return {
    address: { host: bound.address, port: bound.port },
    close: () => closed(server),
  };
}

/** Resolves when `server` listens; rejects with the error that kept it from it. */
export function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answersOf(options: ManagementOptions): ReadonlyMap<string, () => Promise<Answer> | Answer> {
  const { program, status } = options;
  const paths = program.http ?? defaultProbePaths;
  return new Map<string, () => Promise<Answer> | Answer>([
    [
      paths.live,
      () => {
        const problems = status.liveness.problems();
        return json(problems.length === 0 ? 200 : 503, { live: problems.length === 0, problems });
      },
    ],
    [
      paths.ready,
      () => {
        const reasons = notReady(status);
        return json(reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      },
    ],
    [
      paths.metrics,
      async () => {
        const { type, text } = await options.metrics();
        return { status: 200, type, body: text };
      },
    ],
    [
      "/health",
      () => {
        const report = healthReport(status, program, options.replica);
        return json(report.status === "unavailable" ? 503 : 200, report);
      },
    ],
    ["/contract", () => json(200, contractJson(program))],
  ]);
}

async function answer(
  answers: ReadonlyMap<string, () => Promise<Answer> | Answer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const known = answers.get(path);
  const allowed = request.method === "GET" || request.method === "HEAD";
  let result: Answer;
  try {
    if (known === undefined) result = json(404, { detail: `here are ${[...answers.keys()].join(", ")}` });
    else if (!allowed) result = json(405, { detail: "expected GET or HEAD" });
    else result = await known();
  } catch {
    // The metrics could not be collected; the reason is logged where it arose, and may hold what nobody may read.
    result = json(500, { detail: "the answer could not be put together" });
  }
  response.writeHead(result.status, { "content-type": result.type, "cache-control": "no-store" });
  response.end(request.method === "HEAD" ? undefined : result.body);
}

/** The contract as data, without the place of its module: that is this machine's. */
function contractJson(program: Program): object {
  return { ...program, runtime: { kind: program.runtime.kind } };
}

function json(status: number, body: unknown): Answer {
  return { status, type: "application/json", body: JSON.stringify(body) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
