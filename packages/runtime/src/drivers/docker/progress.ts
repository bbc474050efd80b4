import type Dockerode from "dockerode";

/** A line of what an engine tells of a request that takes long. */
export interface ProgressLine {
  readonly stream?: string;
  readonly error?: string;
  /** Of a pull: what is done with which layer, and how many bytes of it are there. */
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number };
}

/**
 * What an engine told of a build, a pull or a load, once it is done; `line` is given each as it comes. Throws what went wrong,
 * which it tells among the rest.
 */
export async function progress(
  docker: Dockerode,
  stream: NodeJS.ReadableStream,
  line?: (line: ProgressLine) => void,
): Promise<readonly ProgressLine[]> {
  const lines = await new Promise<readonly ProgressLine[]>((resolve, reject) =>
    docker.modem.followProgress(
      stream,
      (error, events: ProgressLine[]) => (error ? reject(error) : resolve(events)),
      line,
    ),
  );
  const failed = lines.find(({ error }) => error !== undefined)?.error;
  if (failed !== undefined) throw new Error(failed);
  return lines;
}
