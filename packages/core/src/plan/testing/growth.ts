/**
 * How much longer `work` takes for sixteen times the size, at best of several turns, the sizes in turns so that a busy
 * machine slows both. About 16 where work is linear, 256 where it is quadratic; `linear` lies between, far from both.
 */
export function growth(work: (size: number) => unknown, size: number): number {
  work(size);
  let [small, large] = [Infinity, Infinity];
  for (let turn = 0; turn < 7; turn++) {
    small = Math.min(
      small,
      timeOf(() => work(size)),
    );
    large = Math.min(
      large,
      timeOf(() => work(size * 16)),
    );
  }
  return large / small;
}

/** Growth below this is no square. */
export const linear = 100;

/** CPU time, not the clock's: what others do on the machine is not counted. */
function timeOf(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
