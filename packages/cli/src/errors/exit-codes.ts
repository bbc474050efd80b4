/** Every exit code of `caisson`, for the help topic and the docs. Children's codes pass through `exec` and `run`. */
export const exitCodes = [
  [0, "done; also a foreground `up` that Ctrl-C took down in order"],
  [1, "an error; its code and what to do about it are on stderr"],
  [2, "the command line could not be understood (E_USAGE)"],
  [7, "the stack, or the resource asked for, is not running (E_NOT_RUNNING)"],
  [17, "--wait-timeout or --timeout passed before everything was ready (E_WAIT_TIMEOUT)"],
  [18, "a resource failed or is not healthy (E_RESOURCE_FAILED)"],
  [19, "`diff`: what runs is not as it was started"],
  [21, "an argument is missing, or a question has nobody to answer it (E_ARGUMENT, E_CONFIRM)"],
  [70, "a fault in caisson itself; its stack trace is on stderr"],
  [126, "`exec`, `run`: the program is not executable"],
  [127, "`exec`, `run`: the program was not found"],
  [130, "interrupted with Ctrl-C; 143 and 129 for SIGTERM and SIGHUP"],
] as const satisfies readonly (readonly [number, string])[];

/** The exit code of an error by its code; 1 for all that have none of their own. */
export function exitCodeOf(code: string): number {
  return byCode[code] ?? 1;
}

const byCode: Readonly<Record<string, number>> = {
  E_USAGE: 2,
  E_NOT_RUNNING: 7,
  E_WAIT_TIMEOUT: 17,
  E_RESOURCE_FAILED: 18,
  E_ARGUMENT: 21,
  E_CONFIRM: 21,
};
