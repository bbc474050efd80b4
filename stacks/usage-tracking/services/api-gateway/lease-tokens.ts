import type { Postgres } from "@caisson/kit";

/** What a lease brought: how many tokens, and how many (with a fraction) are left in the bucket for others. */
export interface Lease {
  readonly granted: number;
  readonly left: number;
}

/** How a bucket fills and how much it holds. */
export interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

/** Takes up to `want` tokens of a family out of its bucket, after putting `back` into it. */
export type LeaseTokens = (family: string, want: number, back: number) => Promise<Lease>;

// The row's lock puts leases in order; `at` never goes back, whatever the clock and whoever waited for the lock do, so
// that no moment fills the bucket twice.
const filled = `least($2, b.tokens + $4 + greatest(0, extract(epoch from now() - b.at)) * $5)`;
const lease = `
  insert into rate_bucket as b (family, tokens, granted, at)
  values ($1, $2::float8 - least($3::integer, $2), least($3, $2), now())
  on conflict (family) do update set
    tokens = ${filled} - least($3, floor(${filled})),
    granted = least($3, floor(${filled})),
    at = greatest(b.at, now())
  returning granted, tokens as left`;

/** Leases from the table that all gateways share. */
export function leaseFromPostgres(pool: Pick<Postgres, "query">, { perMinute, burst }: Rate): LeaseTokens {
  return async (family, want, back) => {
    const { rows } = await pool.query<{ granted: number; left: number }>(lease, [
      family,
      burst,
      want,
      back,
      perMinute / 60,
    ]);
    return rows[0] ?? { granted: 0, left: 0 };
  };
}
