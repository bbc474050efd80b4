import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Docker from "dockerode";
import { release, type PartName } from "../../packages/core/src/components/versions.ts";

/** A resource as `caisson ps` tells of it. */
interface Shown {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly healthStatus: string;
  readonly restarts: number;
  readonly addresses: Readonly<Record<string, string>>;
}

/** A stack of this repository in a project of its own, for a Docker Engine. Disposing takes it down with its data. */
export interface DockerStack extends AsyncDisposable {
  /** What a command printed; throws with what it said where it failed. */
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Of the copy; its state is below `.caisson` there. */
  readonly root: string;
  /** Writes a file beside its definition. */
  readonly write: (file: string, text: string) => void;
  /** Writes one anew with the first such text replaced. */
  readonly change: (file: string, replaced: string, by: string) => void;
  /** The address of a resource, the first where it has several and no port is named. */
  readonly address: (name: string, port?: string) => Promise<string>;
  readonly secret: (name: string) => Promise<string>;
  /** Ids of running containers by resource. */
  readonly containers: () => Promise<ReadonlyMap<string, string>>;
  /** Names of the series that a container serves as its metrics, at its only port. */
  readonly scrape: (name: string) => Promise<readonly string[]>;
  readonly kill: (id: string) => Promise<void>;
  /** Resolves when every service runs in another container than before, and all are ready. */
  readonly recovered: (before: ReadonlyMap<string, string>) => Promise<void>;
  /** Resources whose images are not to be had here, with what was said of each. */
  readonly unavailable: (...args: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Whatever the engine has of it. */
  readonly left: () => Promise<readonly string[]>;
}

const repository = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);
const docker = new Docker();

/** Why stacks cannot be tried on an engine here; empty: they can. */
export async function withoutEngine(): Promise<string> {
  try {
    await docker.ping();
  } catch {
    return "no Docker Engine answers";
  }
  return withoutImage("node");
}

/** Why a part of the catalogue cannot be tried, once there is an engine; empty: it can. */
export async function withoutImage(part: PartName): Promise<string> {
  const { image, tag } = release(part);
  const images = await docker.listImages({ filters: { reference: [`${image}:${tag}`] } });
  return images.length > 0 ? "" : `image not available: ${image}:${tag}`;
}

/**
 * Copies the repository by links, so that a build finds what is installed, and nothing of the original is touched. `file`
 * is the stack's definition, in its folder.
 */
export async function dockerStack(name: string, file = "stack.ts"): Promise<DockerStack> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "docker-stack-")));
  const parts = ["packages", "stacks", "node_modules", "package.json", "package-lock.json"];
  const from = parts.map((part) => join(repository, part));
  await execute("cp", ["-al", ...from, root]).catch(() => execute("cp", ["-a", ...from, root]));
  const folder = join(root, "stacks", name);
  rmSync(join(folder, ".caisson"), { recursive: true, force: true });
  const { PATH, HOME, DOCKER_HOST } = process.env;
  const env = { PATH, HOME, DOCKER_HOST, CAISSON_FILE: join(folder, file) };
  const write = (path: string, text: string): void => {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    // Not in place: by its link it is the repository's.
    rmSync(to, { force: true });
    writeFileSync(to, text);
  };
  const ran = (args: readonly string[]): Promise<{ stdout: string; stderr: string }> => {
    const launcher = join(root, "packages/cli/bin/caisson.cjs");
    return execute(process.execPath, [launcher, ...args], { cwd: root, env, maxBuffer: 1e8 });
  };
  const run = async (...args: readonly string[]): Promise<string> => (await ran(args)).stdout;
  const shown = async (): Promise<readonly Shown[]> =>
    (JSON.parse(await run("ps", "--format", "json")) as { resources: Shown[] }).resources;
  const own = { label: [`caisson.stack=${name}`] };
  const containers = async (): Promise<Map<string, string>> =>
    new Map(
      (await docker.listContainers({ filters: own })).map((each) => [each.Labels["caisson.resource"] ?? "", each.Id]),
    );
  return {
    run,
    root,
    write,
    change(changed, replaced, by) {
      const text = readFileSync(join(folder, changed), "utf8");
      if (!text.includes(replaced)) throw new Error(`expected ${replaced} in ${changed} of ${name}`);
      write(changed, text.replace(replaced, by));
    },
    async address(resource, port) {
      const { addresses = {} } = (await shown()).find((each) => each.name === resource) ?? {};
      return (port === undefined ? Object.values(addresses)[0] : addresses[port]) ?? "";
    },
    secret: async (secret) => (await run("secret", "get", secret, "--yes")).trim(),
    containers,
    async scrape(resource) {
      const { Config, NetworkSettings } = await docker.getContainer((await containers()).get(resource) ?? "").inspect();
      const [port = ""] = Object.keys(Config.ExposedPorts ?? {});
      const [network] = Object.values(NetworkSettings.Networks);
      const answer = await fetch(`http://${network?.IPAddress}:${Number.parseInt(port, 10)}/metrics`);
      return [...(await answer.text()).matchAll(/^[a-z_]\w*/gm)].map(([series]) => series);
    },
    kill: (id) => docker.getContainer(id).kill({ signal: "SIGKILL" }),
    async recovered(before) {
      await until(async () => {
        const now = await containers();
        const same = [...before]
          .filter(([resource, id]) => (now.get(resource) ?? id) === id)
          .map(([resource]) => resource);
        const waiting = (await shown()).filter(
          ({ name: each, healthStatus }) => before.has(each) && healthStatus !== "Ready",
        );
        if (same.length > 0 || waiting.length > 0)
          throw new Error(
            `expected new containers, all ready; as before: ${same.join(", ")}; got ${JSON.stringify(waiting)}`,
          );
      });
    },
    async unavailable(...args) {
      const { stderr } = await ran(["plan", "--target", "docker", ...args]);
      return new Map(
        [...stderr.matchAll(/^note: ([\w, -]+): up fetches (\S+),/gm)].flatMap(([, names = "", image = ""]) =>
          names.split(", ").map((each) => [each, `image not available: ${image}`] as const),
        ),
      );
    },
    left: () => leftOf(name, "dev"),
    async [Symbol.asyncDispose]() {
      await run("down", "-v", "--yes");
      await removeImages(name);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Whatever the engine has of one environment of a stack. */
export async function leftOf(name: string, environment: string): Promise<readonly string[]> {
  const filters = { label: [`com.docker.compose.project=${name}-${environment}`] };
  const own = { label: [`caisson.stack=${name}`] };
  return [
    ...(await docker.listContainers({ all: true, filters: own })).map(({ Names }) => `container ${Names[0]}`),
    ...((await docker.listVolumes({ filters })).Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...(await docker.listNetworks({ filters })).map(({ Name }) => `network ${Name}`),
  ];
}

/** Removes what was built of a stack. */
export async function removeImages(name: string): Promise<void> {
  for (const { Id } of await docker.listImages({ filters: { reference: [`caisson/${name}`] } }))
    await docker.getImage(Id).remove({ force: true });
}

/** Repeats until it does not throw; after two minutes, or `patienceMs`, its last error is thrown. */
export async function until<T>(attempt: () => Promise<T>, patienceMs = 120_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}
