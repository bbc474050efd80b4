import type { Writable } from "node:stream";
import type Docker from "dockerode";

/** Our side of a program in a container. */
export interface ContainerStreams {
  /** Our side is a terminal: so is theirs, of its size. */
  readonly terminal: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** The size of our terminal at this moment. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** Sizes as the Engine API has them. */
interface Sizes {
  readonly h: number;
  readonly w: number;
}

/** Joins our streams and those of a program in a container until its own end. Keys of a terminal go over as they are typed. */
export async function joinStreams(
  docker: Docker,
  theirs: NodeJS.ReadWriteStream,
  { terminal, stdin, stdout, stderr, size }: ContainerStreams,
  resize: (sizes: Sizes) => Promise<unknown>,
): Promise<void> {
  const raw = (on: boolean): void => {
    if (terminal && "setRawMode" in stdin) (stdin as NodeJS.ReadStream).setRawMode(on);
  };
  const resized = (): void => {
    const { columns, rows } = size();
    // A program that has just ended has no size.
    resize({ h: rows, w: columns }).catch(() => {});
  };
  if (terminal) {
    resized();
    process.on("SIGWINCH", resized);
  }
  raw(true);
  stdin.pipe(theirs);
  if (terminal) theirs.pipe(stdout, { end: false });
  else docker.modem.demuxStream(theirs, stdout, stderr);
  try {
    await new Promise<void>((resolve, reject) =>
      theirs.once("end", resolve).once("close", resolve).once("error", reject),
    );
  } finally {
    process.off("SIGWINCH", resized);
    raw(false);
    stdin.unpipe(theirs);
    // A reader would keep the process alive for the next key.
    stdin.pause();
  }
}
