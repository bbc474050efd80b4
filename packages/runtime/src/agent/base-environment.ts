/** What a child gets beside what is declared; everything else of our own environment stays with us. */
export function baseEnvironment(from: {
  readonly path: string;
  readonly home: string;
  readonly timeZone: string | undefined;
}): Record<string, string> {
  return { PATH: from.path, HOME: from.home, ...(from.timeZone !== undefined && { TZ: from.timeZone }) };
}
