/**
 * Milliseconds until the next beat of `periodMs`, the same for everyone in this process. Many watchers that each look once
 * a second on the beat wake the process once a second; each wake-up costs more than the looks.
 */
export function untilBeat(periodMs: number): number {
  const left = Math.ceil(periodMs - (performance.now() % periodMs));
  // a timer may go off a little before its beat: not again at once
  return left > periodMs / 20 ? left : left + periodMs;
}
