import { defineProgram, Type } from "@caisson/core";
import type { HttpApp } from "../http/app.ts";
import { createHttp } from "../http/create-http.ts";
import { createLog } from "../log/create-log.ts";
import { redactor } from "../log/redact.ts";
import { createTracing } from "../tracing/trace.ts";

/** An app that listens nowhere, for what can be seen of its routes. */
export async function testApp(): Promise<HttpApp> {
  const log = await createLog({ service: "t", replica: "1", level: "silent", redact: redactor([]), scope: () => ({}) });
  const program = defineProgram(import.meta, "t", { config: Type.Object({}), http: { port: 1 } });
  return createHttp({
    program,
    log,
    tracing: createTracing(),
    requests: { inc: () => {} },
    seconds: { observe: () => {} },
    closedBecause: () => undefined,
    draining: () => false,
  }).app;
}
