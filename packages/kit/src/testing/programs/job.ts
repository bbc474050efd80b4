import { CaissonError, defineProgram, SecretText, Type } from "@caisson/core";
import { runJob } from "@caisson/kit";

const job = defineProgram(import.meta, "job", {
  config: Type.Object({ token: SecretText(8) }),
});

await runJob(job, async ({ args, config, log, signal }) => {
  log.info({ args }, "working");
  switch (args[0]) {
    case "bug":
      throw new Error(`no access with ${config.token}`);
    case "mistake":
      throw new CaissonError("E_VALUE", "expected a date, got tomorrow");
    case "uncaught":
      setTimeout(() => {
        throw new Error(`uncaught with ${config.token}`);
      });
      return new Promise(() => {});
    case "never":
      return new Promise(() => {});
    case "wait":
      setInterval(() => {}, 1000);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    case "deaf":
      return new Promise(() => setInterval(() => {}, 1000));
    default:
      return undefined;
  }
});
