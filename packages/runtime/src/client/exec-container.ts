import type { Writable } from "node:stream";
import { CaissonError } from "@caisson/core";

/** A command beside a container's program, as its user. */
export interface ContainerExec {
  readonly container: string;
  readonly argv: readonly string[];
  /** Besides what the container has. */
  readonly env: Readonly<Record<string, string>>;
  /** Our side is a terminal: so is theirs, of its size. */
  readonly terminal: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Runs it to its end, our streams as its own. Its exit code; 126 and 127 as shells have them come from the engine. */
export async function execInContainer(exec: ContainerExec): Promise<number> {
  const { default: Docker } = await import("dockerode");
  const docker = new Docker();
  const { container, argv, env, terminal, stdin, stdout, stderr } = exec;
  const created = await docker.getContainer(container).exec({
    Cmd: [...argv],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
  });
  const stream = await created.start({ hijack: true, stdin: true, Tty: terminal });
  stdin.pipe(stream);
  if (terminal) stream.pipe(stdout, { end: false });
  else docker.modem.demuxStream(stream, stdout, stderr);
  try {
    await new Promise<void>((resolve, reject) =>
      stream.once("end", resolve).once("close", resolve).once("error", reject),
    );
  } finally {
    stdin.unpipe(stream);
    // A reader would keep the process alive for the next key.
    stdin.pause();
  }
  const { ExitCode } = await created.inspect();
  if (ExitCode === null) throw new CaissonError("E_DOCKER", `the engine lost sight of ${argv[0] ?? "the program"}`);
  return ExitCode;
}
