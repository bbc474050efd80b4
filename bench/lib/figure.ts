/** One measured claim: `ratio` against the peer named in `detail`, measured in the same run; `ok`: within `bar`. */
export interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly bar: number;
  readonly ok: boolean;
  readonly detail: string;
}

/** A figure that must be at most its bar. */
export function atMost(name: string, ratio: number, bar: number, detail: string): Figure {
  return { name, ratio, bar, ok: ratio <= bar, detail };
}

/** A figure that must be at least its bar. */
export function atLeast(name: string, ratio: number, bar: number, detail: string): Figure {
  return { name, ratio, bar, ok: ratio >= bar, detail };
}
