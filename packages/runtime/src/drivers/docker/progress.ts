import type Dockerode from "dockerode";

/** A line of what an engine tells of a request that takes long. */
interface Progress {
  readonly stream?: string;
  readonly error?: string;
}

/** What an engine told of a build, a pull or a load, once it is done. Throws what went wrong, which it tells among the rest. */
export async function progress(docker: Dockerode, stream: NodeJS.ReadableStream): Promise<readonly Progress[]> {
  const lines = await new Promise<readonly Progress[]>((resolve, reject) =>
    docker.modem.followProgress(stream, (error, events: Progress[]) => (error ? reject(error) : resolve(events))),
  );
  const failed = lines.find(({ error }) => error !== undefined)?.error;
  if (failed !== undefined) throw new Error(failed);
  return lines;
}
