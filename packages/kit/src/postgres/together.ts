/**
 * The values of things that go on at the same time; the first failure, but not before all of them have ended: then nothing
 * is asked any more of a connection that they share, and it can be given back.
 */
export async function together<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
