/** Whether an `up` or a `down` is under way, which an agent must not be taken away from. */
export interface Work {
  readonly busy: boolean;
  /** Returns what ends it; to be called once. */
  begin(): () => void;
}

/** Nothing is under way yet. */
export function createWork(): Work {
  let going = 0;
  return {
    get busy() {
      return going > 0;
    },
    begin() {
      going += 1;
      return () => void (going -= 1);
    },
  };
}
