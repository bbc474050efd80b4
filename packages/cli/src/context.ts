/** One of the two output streams. `write` is false when the reader is slow: await `drained` before more. */
export interface Output {
  /** Text, or bytes as a program of the stack wrote them. */
  readonly write: (text: string | Uint8Array) => boolean;
  readonly drained: () => Promise<void>;
  readonly isTTY: boolean;
  /** Whether to colour: a terminal, and neither NO_COLOR nor a dumb one; FORCE_COLOR colours a pipe too. */
  readonly color: boolean;
  /** Size of the terminal at this moment; 80 x 24 where there is none. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** Where questions are answered and piped data comes from. */
export interface Input {
  readonly isTTY: boolean;
  readonly stream: NodeJS.ReadableStream;
}

/**
 * The world as a verb sees it; only `main.ts` touches `process`. `interrupt` aborts at the first Ctrl-C (or SIGTERM,
 * SIGHUP), with the signal's name as its reason; `force` at the second.
 */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly interrupt: AbortSignal;
  readonly force: AbortSignal;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly platform: { readonly node: string; readonly executable: string; readonly os: string; readonly arch: string };
  /** Whether questions may be asked: stdin and stderr are a terminal, and it is not CI. */
  readonly interactive: boolean;
  /** Whether stderr can show something that is redrawn in place: a terminal with a cursor, and not CI. */
  readonly live: boolean;
}
