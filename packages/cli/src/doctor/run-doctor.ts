import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { tint } from "../render/style.ts";
import type { DoctorArguments } from "../verbs/doctor.ts";
import type { Check } from "./check.ts";
import { machineChecks } from "./machine.ts";
import { programChecks } from "./programs.ts";
import { stackChecks } from "./stack.ts";

/** Checks and tells; 1 only where something failed. */
export async function runDoctor(context: Context, { flags }: DoctorArguments): Promise<number> {
  const checks = [...machineChecks(context), ...programChecks(context), ...(await stackChecks(context, flags))];
  const { stdout } = context;
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  const summary = { passed: count("pass"), warnings: count("warning"), failed: count("fail") };
  if (flags.format === "jsonl") for (const check of checks) stdout.write(`${JSON.stringify(check)}\n`);
  else if (isJson(flags.format)) stdout.write(`${JSON.stringify({ checks, summary }, null, 2)}\n`);
  else {
    for (const check of checks) stdout.write(line(check, stdout.color));
    stdout.write(`${summary.passed} passed, ${summary.warnings} warnings, ${summary.failed} failed\n`);
  }
  return summary.failed > 0 ? 1 : 0;
}

const tones = { pass: "good", warning: "busy", fail: "bad" } as const;

function line({ category, name, status, message, fix }: Check, color: boolean): string {
  const head = `${tint(status.padEnd(7), tones[status], color)}  ${category}/${name}: ${message}\n`;
  return fix === "" ? head : `${head}         ${tint(`fix: ${fix}`, "dim", color)}\n`;
}
