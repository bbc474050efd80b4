import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { httpProblem, type Postgres } from "@caisson/kit";

/** What a request was answered. */
export interface Answered {
  readonly status: 202 | 422;
  /** JSON. */
  readonly text: string;
}

/** Requests that are carried out once, whichever replica gets them. */
export interface Idempotency {
  /**
   * The answer of `work`, or the stored one of an earlier request with this key. Throws `idempotency_key_reused` where
   * the earlier request was another one.
   */
  once(
    tenant: number,
    key: string,
    fingerprint: Buffer,
    work: () => Promise<Answered>,
  ): Promise<Answered & { readonly replayed: boolean }>;
  /** Forgets keys whose time has come; true when there may be more. */
  expire(): Promise<boolean>;
}

/** How long an answer is kept for replay, in hours. */
const idempotencyHours = 24;

const expireRows = 5000;
const [compress, inflate] = [promisify(gzip), promisify(gunzip)];

const claim = `
  insert into idempotency_key as k (tenant, key, fingerprint, expires_at)
  values ($1, $2, $3, now() + interval '${idempotencyHours} hours')
  on conflict (tenant, key) do update
    set fingerprint = excluded.fingerprint, expires_at = excluded.expires_at, status = null, answer = null
    where k.expires_at < now()`;
// Of two requests at the same time the first answer is everybody's.
const save = `
  update idempotency_key set status = coalesce(status, $3), answer = coalesce(answer, $4)
  where tenant = $1 and key = $2 returning status, answer`;

/** Keeps answers in PostgreSQL. Only what was accepted is kept: a refusal follows from the body again. */
export function createIdempotency(pool: Pick<Postgres, "query">): Idempotency {
  return {
    once: async (tenant, key, fingerprint, work) => {
      await pool.query(claim, [tenant, key, fingerprint]);
      const { rows } = await pool.query<Row>(
        "select fingerprint, status, answer from idempotency_key where tenant = $1 and key = $2",
        [tenant, key],
      );
      const [found] = rows;
      if (found && !found.fingerprint.equals(fingerprint)) throw reused(key);
      const stored = found && (await answerOf(found));
      if (stored) return { ...stored, replayed: true };
      const answered = await work();
      if (answered.status !== 202) return { ...answered, replayed: false };
      const answer = await compress(answered.text, { level: 1 });
      // The events are durable whether this succeeds or not; without it a retry is carried out again, and counted once.
      const saved = await pool.query<Row>(save, [tenant, key, answered.status, answer]).catch(() => undefined);
      const [kept] = saved?.rows ?? [];
      return { ...((kept && (await answerOf(kept))) ?? answered), replayed: false };
    },
    expire: async () => {
      const { rowCount } = await pool.query(
        `delete from idempotency_key where (tenant, key) in (
           select tenant, key from idempotency_key where expires_at < now()
           order by expires_at limit ${expireRows} for update skip locked)`,
      );
      return rowCount === expireRows;
    },
  };
}

/** What makes two requests the same: what was sent, however it was packed. */
export function fingerprintOf(form: string, body: Buffer, headers: Readonly<Record<string, unknown>>): Buffer {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith("ce-"));
  const type = form === "binary" ? headers["content-type"] : undefined;
  return createHash("sha256")
    .update(JSON.stringify([form, type, attributes.toSorted()]))
    .update(body)
    .digest();
}

interface Row {
  readonly fingerprint: Buffer;
  readonly status: 202 | null;
  readonly answer: Buffer | null;
}

async function answerOf({ status, answer }: Pick<Row, "status" | "answer">): Promise<Answered | undefined> {
  if (status === null || answer === null) return undefined;
  return { status, text: (await inflate(answer)).toString() };
}

function reused(key: string): Error {
  const kind = { status: 422, code: "idempotency_key_reused", title: "The key was used for another request" };
  const detail = "expected the body that this Idempotency-Key came with before, got another; use a new key for it";
  return httpProblem(kind, detail, {
    errors: [
      { path: "/headers/idempotency-key", code: "reused", message: `${key.slice(0, 64)} names another request` },
    ],
  });
}
