/** Shows how far a replay is, on one line of a terminal. */
export interface Progress {
  readonly update: (share: number, sent: number) => void;
  readonly end: () => void;
}

/** What a progress line is written to: standard error. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const everyMs = 100;

/** A progress bar where `terminal` is one; nothing at all elsewhere. `now` in milliseconds. */
export function createProgress(terminal: Terminal, now: () => number): Progress {
  if (terminal.isTTY !== true) return { update: () => undefined, end: () => undefined };
  const began = now();
  let shown = Number.NEGATIVE_INFINITY;
  let line = "";
  const draw = (share: number, sent: number): void => {
    const seconds = Math.max(0.001, (now() - began) / 1000);
    const width = Math.max(10, Math.min(40, (terminal.columns ?? 80) - 40));
    const full = Math.round(Math.min(1, share) * width);
    const bar = "#".repeat(full) + "-".repeat(width - full);
    const percent = String(Math.floor(share * 100)).padStart(3);
    line = `[${bar}] ${percent} %  ${sent} events  ${Math.round(sent / seconds)}/s`;
    terminal.write(`\r${line}\u001b[K`);
    shown = now();
  };
  return {
    update: (share, sent) => {
      if (now() - shown >= everyMs || share >= 1) draw(share, sent);
    },
    end: () => {
      if (line !== "") terminal.write("\n");
    },
  };
}
