import { decodeConfig, type ConfigProblem, type Program } from "@caisson/core";
import { createLog } from "../log/create-log.ts";
import { redactor } from "../log/redact.ts";
import { createTracing, scopeFields } from "../tracing/trace.ts";
import type { Boot } from "./context.ts";
import { readEnvironment } from "./environment.ts";
import type { Host } from "./host.ts";

/** EX_CONFIG of sysexits.h: starting again will not help. */
const configExit = 78;

/**
 * Reads environment and configuration and opens the log. With problems, prints all of them as one log line and exits
 * with 78: no stack trace, no secret.
 */
export async function boot<P extends Program>(host: Host, program: P): Promise<Boot<P>> {
  const environment = readEnvironment(host, program);
  const decoded = decodeConfig(program.config, host.env, host.readFile);
  if ("problems" in environment || "problems" in decoded) {
    const problems = [environment, decoded].flatMap((each) => ("problems" in each ? each.problems : []));
    await reportProblems(program.name, problems);
    return host.exit(configExit);
  }
  const tracing = createTracing();
  const redact = redactor(decoded.secrets);
  const log = await createLog({
    service: program.name,
    replica: environment.environment.replica,
    level: environment.environment.logLevel,
    redact,
    scope: () => scopeFields(tracing.current()),
  });
  // decodeConfig checked it against this program's schema; P only gives the type a name.
  const config = decoded.config as Boot<P>["config"];
  return { program, environment: environment.environment, config, log, redact, tracing };
}

async function reportProblems(service: string, problems: readonly ConfigProblem[]): Promise<void> {
  const log = await createLog({ service, replica: "1", level: "fatal", redact: redactor([]), scope: () => ({}) });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const list = problems.map(({ key, message }) => `${key}: ${message}`).join("; ");
  const details = problems.map(({ key, variable, expected, got }) => ({ key, variable, expected, got }));
  log.fatal({ code: "E_CONFIG", problems: details }, `the configuration of ${service} has ${count}: ${list}`);
}
