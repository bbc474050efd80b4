/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

/** Reads a JSON answer. */
export async function json(response: Promise<Response>): Promise<Answer> {
  const got = await response;
  return { status: got.status, type: got.headers.get("content-type"), body: await got.json() };
}
