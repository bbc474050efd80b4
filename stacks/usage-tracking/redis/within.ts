/** The answer of a Redis to `command`; rejects after `ms`: a server that hangs answers neither a command nor its timeout. */
export async function within<T>(ms: number, command: string, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Redis did not answer ${command} within ${ms} ms`)), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
