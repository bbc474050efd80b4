import type { LeaseTokens, Rate } from "./lease-tokens.ts";

/** Whether a request may pass, and what is said of the limit in its headers. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly resetSeconds: number;
  /** Seconds until another request may pass; 0 where one may now. */
  readonly retrySeconds: number;
}

/** A token bucket per family of keys that all replicas share. */
export interface RateLimiter {
  /** At once where tokens are in hand or known to be out, else after one round trip to the store. */
  take(family: string): Allowance | Promise<Allowance>;
}

/** How long leased tokens are good for: what a replica holds back from the others, and for how long, is bounded. */
const leaseMs = 1000;
/** A lease covers this much of the present demand. */
const coverMs = 100;
const capacity = 10_000;

/**
 * Leases slices of the shared bucket: as many tokens as the last 100 ms asked for, at most a tenth of the burst. Over any
 * time T all replicas together admit at most burst + rate x T, and a slice for each replica that held one when T began.
 */
export function createRateLimiter(rate: Rate, lease: LeaseTokens, now: () => number): RateLimiter {
  const perMs = rate.perMinute / 60_000;
  const mostSlice = Math.max(1, Math.floor(rate.burst / 10));
  const hands = new Map<string, Hand>();

  const allowance = (hand: Hand, allowed: boolean): Allowance => {
    const remaining = Math.max(0, Math.floor(hand.left) + hand.tokens);
    return {
      allowed,
      remaining,
      resetSeconds: Math.ceil((rate.burst - remaining) / perMs / 1000),
      retrySeconds: allowed ? 0 : Math.max(1, Math.ceil((hand.emptyUntil - now()) / 1000)),
    };
  };
  const take = (hand: Hand): Allowance => {
    hand.tokens--;
    hand.used++;
    return allowance(hand, true);
  };
  const refill = async (family: string, hand: Hand): Promise<void> => {
    const elapsed = Math.max(1, now() - hand.leasedAt);
    const demand = Math.min(mostSlice, Math.ceil((hand.used * coverMs) / elapsed));
    const want = Math.min(rate.burst, Math.max(hand.waiting.length, demand, 1));
    const back = hand.tokens;
    hand.tokens = 0;
    const { granted, left } = await lease(family, want, back);
    Object.assign(hand, { tokens: granted, left, used: 0, leasedAt: now() });
    while (hand.tokens > 0 && hand.waiting.length > 0) {
      const next = hand.waiting.shift();
      next?.resolve(take(hand));
    }
    if (granted === want) return;
    // Empty: until there is a whole token nobody needs to ask.
    hand.emptyUntil = now() + (1 - Math.min(1, left)) / perMs;
    for (const each of hand.waiting.splice(0)) each.resolve(allowance(hand, false));
  };
  const refillUntilNobodyWaits = async (family: string, hand: Hand): Promise<void> => {
    hand.leasing = true;
    try {
      while (hand.waiting.length > 0) await refill(family, hand);
    } catch (error) {
      for (const each of hand.waiting.splice(0)) each.reject(error);
    } finally {
      hand.leasing = false;
    }
  };
  return {
    take: (family) => {
      const hand = handOf(hands, family);
      if (now() < hand.emptyUntil) return allowance(hand, false);
      if (hand.tokens > 0 && now() - hand.leasedAt < leaseMs) return take(hand);
      return new Promise((resolve, reject) => {
        hand.waiting.push({ resolve, reject });
        if (!hand.leasing) void refillUntilNobodyWaits(family, hand);
      });
    },
  };
}

/** What this replica has in hand of a family's bucket. */
interface Hand {
  tokens: number;
  left: number;
  used: number;
  leasedAt: number;
  emptyUntil: number;
  leasing: boolean;
  readonly waiting: { readonly resolve: (allowance: Allowance) => void; readonly reject: (error: unknown) => void }[];
}

/** The hand of a family, most recently used last; the oldest is let go, and with it a slice at most. */
function handOf(hands: Map<string, Hand>, family: string): Hand {
  const found = hands.get(family);
  const hand = found ?? { tokens: 0, left: 0, used: 0, leasedAt: 0, emptyUntil: 0, leasing: false, waiting: [] };
  if (found) hands.delete(family);
  hands.set(family, hand);
  if (hands.size > capacity) hands.delete(hands.keys().next().value ?? "");
  return hand;
}
