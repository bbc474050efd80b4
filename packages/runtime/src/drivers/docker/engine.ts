import type Dockerode from "dockerode";
import { CaissonError, engineSocket } from "@caisson/core/run";

/** The host's engine; its library is loaded by who asks for one only. Throws E_DOCKER where none answers. */
export async function engine(): Promise<Dockerode> {
  const docker = await engineClient();
  await reachable(docker);
  return docker;
}

/** What asks the host's engine, which may not be there; what it answers by itself has a limit. */
export async function engineClient(): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");
  return withLimits(new Docker(), { quickMs: 60_000, slowMs: 600_000 });
}

/**
 * Its library waits for ever. An engine that hangs is told of here, as E_DOCKER. Slow is what moves data, starts or stops: a
 * container that is made with a new volume, which gets what its image has there, or a large volume that is removed. What streams,
 * and the wait for a container's end, take as long as they take.
 */
export function withLimits(
  docker: Dockerode,
  { quickMs, slowMs }: { readonly quickMs: number; readonly slowMs: number },
): Dockerode {
  const { modem } = docker;
  const dial = modem.dial.bind(modem);
  modem.dial = (options, answer) => {
    const { path, method, isStream, hijack, abortSignal } = options as DialOptions;
    // Of a HEAD there is nothing to stream.
    if (abortSignal || (isStream && method !== "HEAD") || hijack || /\/wait\b/.test(path)) return dial(options, answer);
    const limitMs = method === "DELETE" || /\/(create|start|stop)\b/.test(path) ? slowMs : quickMs;
    const limit = AbortSignal.timeout(limitMs);
    dial({ ...options, abortSignal: limit } as DialOptions, (error, result) =>
      answer?.(limit.aborted && error ? silent(method, path, limitMs) : error, result),
    );
  };
  return docker;
}

/** Its types lack the half of them. */
type DialOptions = Parameters<Dockerode["modem"]["dial"]>[0] & {
  readonly path: string;
  readonly method: string;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly abortSignal?: AbortSignal;
};

function silent(method: string, path: string, limitMs: number): CaissonError {
  const [what] = path.split("?");
  return new CaissonError("E_DOCKER", `the Docker Engine did not answer ${method} ${what} within ${limitMs / 1000} s`);
}

/**
 * Where the engine's host has the socket by which it is reached. In a virtual machine (Docker Desktop) it is where it usually is;
 * what is here is its other end.
 */
export function socketOf({ modem }: Dockerode): string {
  const { socketPath: path } = modem as { readonly socketPath?: string };
  return process.platform === "linux" && path && !path.includes("/.docker/") ? path : engineSocket;
}

/** An engine that hangs takes connections and says nothing. */
const patienceMs = 10_000;

/** Throws E_DOCKER where no engine answers, or one that is too old. */
export async function reachable(docker: Dockerode): Promise<void> {
  try {
    // Its types lack the options.
    const version = docker.version.bind(docker) as (options: object) => Promise<Dockerode.DockerVersion>;
    const { ApiVersion } = await version({ abortSignal: AbortSignal.timeout(patienceMs) });
    if (Number(ApiVersion.split(".")[1]) < 41)
      throw new CaissonError("E_DOCKER", `expected an engine with API 1.41 or newer (20.10), got ${ApiVersion}`);
  } catch (cause) {
    if (cause instanceof CaissonError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CaissonError("E_DOCKER", `expected a Docker Engine, none answers: ${why}`, { cause });
  }
}
