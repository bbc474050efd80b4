import { CaissonError } from "@caisson/core";
import { engine } from "../drivers/docker/engine.ts";
import { joinStreams, type ContainerStreams } from "./container-streams.ts";

/** A command beside a container's program, as its user. */
export interface ContainerExec extends ContainerStreams {
  readonly container: string;
  readonly argv: readonly string[];
  /** Besides what the container has. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs it to its end, our streams as its own. Its exit code; 126 and 127 as shells have them come from the engine. */
export async function execInContainer(exec: ContainerExec): Promise<number> {
  const docker = await engine();
  const { container, argv, env, terminal } = exec;
  const created = await docker.getContainer(container).exec({
    Cmd: [...argv],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
  });
  const stream = await created.start({ hijack: true, stdin: true, Tty: terminal });
  await joinStreams(docker, stream, exec, (sizes) => created.resize(sizes));
  const { ExitCode } = await created.inspect();
  if (ExitCode === null) throw new CaissonError("E_DOCKER", `the engine lost sight of ${argv[0] ?? "the program"}`);
  return ExitCode;
}
