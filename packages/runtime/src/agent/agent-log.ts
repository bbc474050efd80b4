import { appendFileSync } from "node:fs";

/** The agent's own log: one line a message, redacted, with its time. Never throws: a full disk costs the line, no more. */
export function agentLog(file: string, redact: (text: string) => string): (message: string) => void {
  return (message) => {
    try {
      appendFileSync(file, `${new Date().toISOString()} ${redact(message)}\n`, { mode: 0o600 });
    } catch {
      // What was to be said is often this very thing; who asks for the agent's warnings learns of it.
    }
  };
}
