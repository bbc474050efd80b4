/** Another tool doing the same job: `up` returns when it thinks all is started, `down` when all is ended. */
export interface Peer {
  readonly up: () => Promise<unknown>;
  readonly down: () => Promise<unknown>;
}

/** Says on stderr that a peer cannot be measured here; the figure is then left out, never made up. */
export function absent(name: string, why: string): undefined {
  process.stderr.write(`${name} is left out: ${why}\n`);
  return undefined;
}
