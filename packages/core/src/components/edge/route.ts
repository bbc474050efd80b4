/** Whether a route leads anywhere yet: one to what is planned is left out until that is there. */
export function leads(to: object): boolean {
  return !("planned" in to && to.planned !== undefined);
}

/** What a route of an edge may say beside where it leads, whichever edge it is. */
export interface EdgeRoute {
  /**
   * What browsers and proxies are told, whatever the program says: `immutable`, what is there never changes under its name (files
   * with a hash in theirs); `no-store`, an answer is nobody's to keep. Default: what the program says.
   */
  readonly cache?: "immutable" | "no-store";
  /** Requests a second of one client; twice as many in a burst. What is too much is answered 429. Default: no bound. */
  readonly rateLimit?: number;
  /** `true`: for those alone who log in as one of the edge's `users`; who is behind it gets no password. Default `false`. */
  readonly login?: boolean;
}

/** How long what never changes may be kept: a year, without asking again. */
export const immutable = "public, max-age=31536000, immutable";

/** Whether a route may be for it: a host's name, in lower case. */
export function isHost(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]+$/.test(text);
}
