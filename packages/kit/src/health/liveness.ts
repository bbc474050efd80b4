/** Something that must keep moving, or the program is as good as dead. */
export interface Pulse {
  /** It moved. */
  readonly beat: () => void;
  /** It has nothing to do for now and may rest as long as it likes. */
  readonly rest: () => void;
}

/** The liveness of a program: the event loop answers by answering at all; each registered loop must beat. */
export interface Liveness {
  /** Registers a loop that is dead when it neither beats nor rests for `stallMs`. */
  readonly pulse: (name: string, stallMs: number) => Pulse;
  /** Why the program is not alive; empty while it is. */
  readonly problems: () => readonly string[];
}

/** Liveness on a monotonic clock in milliseconds. */
export function createLiveness(now: () => number = () => performance.now()): Liveness {
  const loops = new Map<string, { stallMs: number; movedAt: number | undefined }>();
  return {
    pulse: (name, stallMs) => {
      const loop: { stallMs: number; movedAt: number | undefined } = { stallMs, movedAt: undefined };
      loops.set(name, loop);
      return {
        beat: () => {
          loop.movedAt = now();
        },
        rest: () => {
          loop.movedAt = undefined;
        },
      };
    },
    problems: () =>
      [...loops]
        .filter(([, loop]) => loop.movedAt !== undefined && now() - loop.movedAt > loop.stallMs)
        .map(
          ([name, loop]) =>
            `loop ${name} has not moved for ${stalledFor(loop.movedAt, now())}, allowed ${loop.stallMs / 1000} s`,
        ),
  };
}

function stalledFor(movedAt: number | undefined, now: number): string {
  return `${Math.round((now - (movedAt ?? now)) / 100) / 10} s`;
}
