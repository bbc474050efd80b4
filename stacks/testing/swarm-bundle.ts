import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import Docker from "dockerode";
import { suitEngine } from "./bundle.ts";
import { dockerStack, until } from "./docker-stack.ts";

/** A bundle for Swarm and its scripts; disposing takes the stack down with its data, its image and its folder. */
export interface SwarmBundle extends AsyncDisposable {
  readonly folder: string;
  /** What a script of the bundle printed, run by what every Debian has, and docker. */
  readonly script: (name: string, ...args: readonly string[]) => Promise<string>;
  /** Fills its `secrets` with those that Caisson has; `supplied` are given a value before, whichever. */
  readonly exportSecrets: (...supplied: readonly string[]) => Promise<void>;
  /** Resolves when each of these services runs once, healthy. */
  readonly running: (names: readonly string[]) => Promise<void>;
  /** What `docker` printed. */
  readonly docker: (...args: readonly string[]) => Promise<string>;
}

const execute = promisify(execFile);
const engine = new Docker();

/** Why stacks cannot be deployed here, once there is an engine; empty: they can. An engine is never made part of a Swarm. */
export async function withoutSwarm(): Promise<string> {
  const { Swarm } = (await engine.info()) as { Swarm?: { ControlAvailable?: boolean } };
  return Swarm?.ControlAvailable === true ? "" : "the engine manages no Swarm";
}

/** Builds a stack's image and renders its bundle. */
export async function swarmBundle(
  name: string,
  environment: string,
  ...flags: readonly string[]
): Promise<SwarmBundle> {
  await using undo = new AsyncDisposableStack();
  // Disposing it removes the image.
  const stack = undo.use(await dockerStack(name));
  const folder = mkdtempSync(join(tmpdir(), "swarm-"));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const chosen = ["--env", environment, ...flags];
  await stack.run("build", ...chosen);
  await stack.run("render", "swarm", "--out", folder, ...chosen);
  await suitEngine(join(folder, "stack.yaml"));
  const { HOME, DOCKER_HOST, DOCKER_CONFIG } = process.env;
  const env = { PATH: "/usr/bin:/bin", HOME, DOCKER_HOST, DOCKER_CONFIG };
  const run = async (program: string, args: readonly string[]): Promise<string> =>
    (await execute(program, args, { cwd: folder, env, maxBuffer: 1e8 })).stdout;
  const docker = (...args: readonly string[]): Promise<string> => run("docker", args);
  undo.defer(() => removed(docker, `${name}-${environment}`));
  const kept = undo.move();
  return {
    folder,
    docker,
    async exportSecrets(...supplied) {
      const value = join(folder, "supplied");
      writeFileSync(value, "https://supplied.invalid/x");
      for (const secret of supplied) await stack.run("secret", "set", secret, "--from-file", value, ...chosen);
      await stack.run("secret", "export", join(folder, "secrets"), ...chosen);
    },
    running: (names) =>
      until(async () => {
        const services = await docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}");
        const waiting = names.filter((each) => !services.includes(`${name}-${environment}_${each} 1/1`));
        if (waiting.length > 0) throw new Error(`expected ${waiting.join(", ")} to run, got ${services}`);
      }, 240_000),
    script: (script, ...args) => run("sh", [script, ...args]),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Takes a deployed stack down, with its data and the labels of its node. */
async function removed(docker: SwarmBundle["docker"], deployed: string): Promise<void> {
  await docker("stack", "rm", deployed);
  const filters = { label: [`com.docker.stack.namespace=${deployed}`] };
  await until(async () => {
    const left = await engine.listContainers({ all: true, filters });
    if (left.length > 0) throw new Error(`expected ${deployed} to be gone, got ${left.length} containers`);
  });
  for (const { Name } of (await engine.listVolumes({ filters })).Volumes) await engine.getVolume(Name).remove();
  const node = (await docker("info", "--format", "{{.Swarm.NodeID}}")).trim();
  const labels = await docker("node", "inspect", node, "--format", "{{range $k, $v := .Spec.Labels}}{{$k}} {{end}}");
  for (const label of labels.split(/\s+/).filter((each) => each.startsWith(`caisson.${deployed}.`)))
    await docker("node", "update", "--label-rm", label, node);
}
