/**
 * Rows with blows in between: when row `at[n]` is asked for, `strike(n)` begins, and rows go on while it is under way.
 * The next blow, and the end, wait until the last one is over: however fast the reader is, every one falls while rows
 * are left to be sent.
 */
export async function* struckRows<T>(
  rows: AsyncIterable<T>,
  { at, strike }: { readonly at: readonly number[]; readonly strike: (nth: number) => Promise<void> },
): AsyncGenerator<T> {
  let number = 0;
  let next = 0;
  let last = Promise.resolve();
  for await (const row of rows) {
    for (; at[next] === number; next++) {
      await last;
      last = strike(next);
      last.catch(() => undefined); // thrown where it is awaited
    }
    number++;
    yield row;
  }
  await last;
}
