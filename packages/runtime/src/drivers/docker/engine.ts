import type Dockerode from "dockerode";
import { CaissonError, engineSocket } from "@caisson/core/run";

/** The host's engine; its library is loaded by who asks for one only. Throws E_DOCKER where none answers. */
export async function engine(): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");
  const docker = new Docker();
  await reachable(docker);
  return docker;
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
