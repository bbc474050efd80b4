import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
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

export type Compose = (...args: readonly string[]) => Promise<number>;

/** How long `docker compose` takes in a rendered folder, ms. An engine before 25 refuses a file with `start_interval`. */
export async function dockerCompose(folder: string): Promise<Compose> {
  const { stdout } = await run(["docker", "version", "--format", "{{.Server.Version}}"]);
  if (Number(stdout.split(".")[0]) < 25) {
    const file = join(folder, "compose.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^.*start_interval.*\n/gm, ""));
  }
  return async (...args) => (await run(["docker", "compose", ...args], { cwd: folder })).ms;
}

/** How long the engine takes to start the containers of a folder that were made before, all asked for at once and none waited for, ms. */
export async function bareStart(folder: string): Promise<number> {
  const docker = new Docker();
  const label = `com.docker.compose.project.working_dir=${folder}`;
  const found = await docker.listContainers({ all: true, filters: { label: [label] } });
  if (found.length === 0) throw new Error(`no containers of ${folder}`);
  const start = performance.now();
  await Promise.all(found.map(({ Id }) => docker.getContainer(Id).start()));
  return performance.now() - start;
}
