/** True for an answer of the engine with this HTTP status. */
export function isStatus(error: unknown, status: number): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === status;
}

/** True for what the engine answered, whatever it was; false where it went away before it did. */
export function answered(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode !== undefined;
}

/** Does something to a container that may be gone (404) or not run (409): then there is nothing to do. */
export async function ignoringGone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
  }
}
