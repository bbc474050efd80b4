import { CaissonError } from "@caisson/core";
import { engine } from "../drivers/docker/engine.ts";
import { joinStreams, type ContainerStreams } from "./container-streams.ts";

/** A container that an agent made for us to start. */
export interface ContainerToRun extends ContainerStreams {
  readonly container: string;
  /** Names of signals to pass on as their reasons: the first, and the second. */
  readonly signals: readonly AbortSignal[];
}

/** Runs it to its end, our streams as its own. Its exit code: 128 + N for signal N. */
export async function runContainer(asked: ContainerToRun): Promise<number> {
  const docker = await engine();
  const container = docker.getContainer(asked.container);
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
  const ended = container.wait({ condition: "next-exit" }) as Promise<{ readonly StatusCode: number }>;
  ended.catch(() => {}); // told of below
  const pass = (signal: AbortSignal) => (): void =>
    void container.kill({ signal: String(signal.reason) }).catch(() => {}); // it has ended meanwhile
  const listeners = asked.signals.map((signal) => [signal, pass(signal)] as const);
  for (const [signal, listener] of listeners) signal.addEventListener("abort", listener, { once: true });
  try {
    await container.start().catch(async (cause: unknown) => {
      await container.remove({ force: true, v: true }).catch(() => {}); // the engine did so itself
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CaissonError("E_DOCKER", `the engine could not start the program: ${why}`, { cause });
    });
    await joinStreams(docker, stream, asked, (sizes) => container.resize(sizes));
    return (await ended).StatusCode;
  } finally {
    for (const [signal, listener] of listeners) signal.removeEventListener("abort", listener);
  }
}
