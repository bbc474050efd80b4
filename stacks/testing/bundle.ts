import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Docker from "dockerode";
import { dockerStack, leftOf, removeImages } from "./docker-stack.ts";

/** A rendered bundle and what starts it; disposing takes it down with its data, its image and its folder. */
export interface TestBundle extends AsyncDisposable {
  readonly folder: string;
  /** What `docker compose` printed, run in the folder by a PATH that has docker and nothing else. */
  readonly compose: (...args: readonly string[]) => Promise<string>;
  /** Whatever the engine has of it. */
  readonly left: () => Promise<readonly string[]>;
}

const execute = promisify(execFile);

/** Why bundles cannot be tried here, once there is an engine; empty: they can. */
export async function withoutCompose(): Promise<string> {
  return execute("docker", ["compose", "version"]).then(
    () => "",
    () => "docker compose is not installed",
  );
}

/** Renders a stack for compose and exports its secrets; the copy of the repository that did so is gone then. */
export async function renderedBundle(
  name: string,
  environment: string,
  ...flags: readonly string[]
): Promise<TestBundle> {
  const root = mkdtempSync(join(tmpdir(), "bundle-"));
  const folder = join(root, "bundle");
  const bin = join(root, "bin");
  const chosen = ["--env", environment, ...flags];
  {
    await using stack = await dockerStack(name);
    await stack.run("render", "compose", "--out", folder, ...chosen);
    await stack.run("secret", "export", join(folder, "secrets"), ...chosen);
  }
  mkdirSync(bin);
  const { stdout: program } = await execute("sh", ["-c", "command -v docker"]);
  symlinkSync(program.trim(), join(bin, "docker"));
  await suitEngine(join(folder, "compose.yaml"));
  const { HOME, DOCKER_HOST, DOCKER_CONFIG } = process.env;
  const env = { PATH: bin, HOME, DOCKER_HOST, DOCKER_CONFIG };
  const compose = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await execute("docker", ["compose", ...args], { cwd: folder, env, maxBuffer: 1e8 });
    return stdout;
  };
  return {
    folder,
    compose,
    left: () => leftOf(name, environment),
    async [Symbol.asyncDispose]() {
      await compose("--profile", "*", "down", "--volumes", "--remove-orphans");
      await removeImages(name);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What a bundle's README says of engines older than 25, whose API is older than 1.44. */
export async function suitEngine(file: string): Promise<void> {
  const { ApiVersion } = await new Docker().version();
  const [major = 0, minor = 0] = ApiVersion.split(".").map(Number);
  if (major > 1 || minor >= 44) return;
  const text = readFileSync(file, "utf8").replace(/^.*start_interval.*\n/gm, "");
  writeFileSync(file, text.replace(/^version: .*$/m, 'version: "3.9"'));
}
