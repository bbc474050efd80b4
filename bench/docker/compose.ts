import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../lib/run.ts";

/** Why there is nothing to compare with; empty: there is. */
export async function withoutDocker(): Promise<string> {
  const answers = (...argv: readonly string[]): Promise<boolean> =>
    run(argv).then(
      () => true,
      () => false,
    );
  if (!(await answers("docker", "info"))) return "no Docker Engine answers";
  return (await answers("docker", "compose", "version")) ? "" : "docker compose is not installed";
}

/** How long `docker compose` takes in a rendered folder, ms. An engine before 25 refuses a file with `start_interval`. */
export async function dockerCompose(folder: string): Promise<(...args: readonly string[]) => Promise<number>> {
  const { stdout } = await run(["docker", "version", "--format", "{{.Server.Version}}"]);
  if (Number(stdout.split(".")[0]) < 25) {
    const file = join(folder, "compose.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^.*start_interval.*\n/gm, ""));
  }
  return async (...args) => (await run(["docker", "compose", ...args], { cwd: folder })).ms;
}
