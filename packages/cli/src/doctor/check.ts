import type { Context } from "../context.ts";

/** One finding. `fix`: what to do about it; empty where nothing is to be done. */
export interface Check {
  readonly category: "machine" | "programs" | "stack";
  readonly name: string;
  readonly status: "pass" | "warning" | "fail";
  readonly message: string;
  readonly fix: string;
}

/** What checks look at besides the host itself. */
export type DoctorContext = Pick<Context, "cwd" | "env" | "now" | "platform">;

/** Makes the checks of one category. */
export function checker(category: Check["category"]) {
  const make =
    (status: Check["status"]) =>
    (name: string, message: string, fix = ""): Check => ({ category, name, status, message, fix });
  return { pass: make("pass"), warning: make("warning"), fail: make("fail") };
}
