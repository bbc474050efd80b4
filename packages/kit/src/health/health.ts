import { backoffMs, type Backoff } from "../run/backoff.ts";
import { wait } from "../run/wait.ts";

/** Looks at a dependency: resolves (with a word about it, if it likes) when it is well, rejects with the reason else. */
export type Probe = (signal: AbortSignal) => Promise<string | void>;

/** How a check is run. */
export interface CheckOptions {
  /** `false`: shown, but the program is ready without it (a cache). Default `true`. */
  readonly required?: boolean;
  /** Wait between two looks while it is well, in milliseconds. Default 2000. */
  readonly everyMs?: number;
  /** A look that takes longer has failed. Default 2000. */
  readonly timeoutMs?: number;
}

/** A check's last result. `ok` is `undefined` until the first look is over; `since` is when `ok` last changed. */
export interface CheckState {
  readonly name: string;
  readonly required: boolean;
  readonly ok: boolean | undefined;
  readonly detail: string;
  readonly since: string;
}

/** A registered check. */
export interface Check {
  /** Looks again at once: call it when something else saw the dependency fail. */
  readonly recheck: () => void;
}

/** The health of a program: the sum of its checks. */
export interface Health {
  /** Registers a check and starts to look; names are unique. */
  readonly check: (name: string, probe: Probe, options?: CheckOptions) => Check;
  readonly states: () => readonly CheckState[];
  /** Every required check is well. A program without checks is well. */
  readonly ok: () => boolean;
  /** Calls back after every change of a check's state. */
  readonly onChange: (listener: () => void) => void;
}

/** After a failure: soon at first, so that a start is quick, then every second or so for as long as it takes. */
const retry: Backoff = { firstMs: 25, capMs: 1000 };

/** Checks that run until `signal` aborts. `describe` turns an error into a detail that may be shown. */
export function createHealth(signal: AbortSignal, describe: (error: unknown) => string): Health {
  const states = new Map<string, CheckState>();
  const listeners: (() => void)[] = [];
  const change = (name: string, ok: boolean, detail: string): void => {
    const before = states.get(name);
    if (before === undefined || (before.ok === ok && before.detail === detail)) return;
    const since = before.ok === ok ? before.since : new Date().toISOString();
    states.set(name, { ...before, ok, detail, since });
    for (const listener of listeners) listener();
  };
  return {
    check: (name, probe, { required = true, everyMs = 2000, timeoutMs = 2000 } = {}) => {
      if (states.has(name)) throw new Error(`there is a check named ${name} already; give this one another name`);
      states.set(name, { name, required, ok: undefined, detail: "not looked at yet", since: new Date().toISOString() });
      return watch(probe, { everyMs, timeoutMs, signal, describe }, (ok, detail) => change(name, ok, detail));
    },
    states: () => [...states.values()],
    ok: () => [...states.values()].every((state) => !state.required || state.ok === true),
    onChange: (listener) => void listeners.push(listener),
  };
}

interface WatchOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly describe: (error: unknown) => string;
}

function watch(probe: Probe, options: WatchOptions, report: (ok: boolean, detail: string) => void): Check {
  const { signal } = options;
  // One controller at a time and one listener in all: a listener for each look would pile up on a signal that lives long.
  let current = new AbortController();
  let resting = false;
  signal.addEventListener("abort", () => current.abort(), { once: true });
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      current = new AbortController();
      const result = await look(probe, current, options);
      if (signal.aborted) return;
      failures = result.ok ? 0 : failures + 1;
      report(result.ok, result.detail);
      current = new AbortController();
      resting = true;
      await wait(result.ok ? options.everyMs : backoffMs(retry, failures), current.signal);
      resting = false;
    }
  };
  void run();
  return {
    recheck: () => {
      if (resting) current.abort();
    },
  };
}

async function look(
  probe: Probe,
  controller: AbortController,
  { timeoutMs, describe }: WatchOptions,
): Promise<{ ok: boolean; detail: string }> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    controller.abort();
    late.reject(new Error(`no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    const detail = await Promise.race([probe(controller.signal), late.promise]);
    return { ok: true, detail: detail ?? "" };
  } catch (error) {
    return { ok: false, detail: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}
