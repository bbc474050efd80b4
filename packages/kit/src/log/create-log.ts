import type { Logger } from "pino";
import type { LogLevel } from "../run/environment.ts";
import type { Redact } from "./redact.ts";

/** A pino logger: one JSON object a line. */
export type Log = Logger;

/** What a log line carries beside what is logged. */
export interface LogOptions {
  readonly service: string;
  readonly replica: string;
  readonly level: LogLevel;
  readonly redact: Redact;
  /** Fields of the request or the unit of work in hand: trace_id, span_id, request_id. */
  readonly scope: () => object;
  /** Takes one line at a time; stdout, written at once, so that a crash loses nothing. */
  readonly write?: (line: string) => void;
}

/** The program's log. Redaction works on finished lines, so it also covers messages, stacks and nested objects. */
export async function createLog(options: LogOptions): Promise<Log> {
  const { pino } = await import("pino");
  const write = options.write ?? standardOutput(pino);
  return pino(
    {
      level: options.level,
      base: { service: options.service, replica: options.replica },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: options.scope,
    },
    { write: (line) => write(options.redact.line(line)) },
  );
}

function standardOutput(pino: typeof import("pino").pino): (line: string) => void {
  const destination = pino.destination({ fd: 1, sync: true });
  // A closed pipe (`... | head`) must not end the program; there is nobody left to tell.
  destination.on("error", () => {});
  return (line) => destination.write(line);
}
