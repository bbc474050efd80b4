/** The hold a foreground `up` has on the stack: when it is lost, the stack goes down in order. */
export interface Lease {
  readonly held: boolean;
  /** Takes the lease. Losing it (the returned function) calls `onLost`, unless it was given up before. */
  take(): () => void;
  /** Gives the lease up without consequence: `up -d`, or an orderly `down`. */
  giveUp(): void;
}

/** At most one holder counts: the last that took it. */
export function createLease(onLost: () => void): Lease {
  let holder = 0;
  let held = false;
  return {
    get held() {
      return held;
    },
    take() {
      const mine = ++holder;
      held = true;
      return () => {
        if (!held || mine !== holder) return;
        held = false;
        onLost();
      };
    },
    giveUp() {
      held = false;
    },
  };
}
