import { markerVariable } from "./run.ts";

/** `$0` of the shim's shells: what `ps` shows them as. */
export const shimName = "caisson-shim";

/** Descriptors the shim is started with, beside 0 (empty file), 1 and 2 (log file). */
export const shimDescriptors = { control: 3, exit: 4, child: 5 } as const;

/**
 * The shell script every program runs under; `"$@"` is the program. It outlives the agent and leaves the exit status.
 *
 * The program runs in the foreground, because a shell without job control starts background programs with SIGINT and
 * SIGQUIT ignored (which are the stop signals of PostgreSQL and nginx), and no portable shell can undo that. A shell that
 * waits for a foreground program cannot forward signals either: they go straight to the program's own id, which the inner
 * shell writes before it becomes the program. The traps only keep the shim alive when a signal hits the whole group.
 *
 * Only builtins are used, so an empty PATH will do. The descriptors were opened by the agent: the shim may run as a user
 * who cannot enter the agent's folders. They are closed before the program starts.
 */
export function shimScript(env: Readonly<Record<string, string>>, umask: number | undefined): string {
  // the shell puts these into the environment by itself
  const added = ["PWD", "OLDPWD", "SHLVL", "_"].filter((name) => !(name in env));
  const mask = umask === undefined ? "" : `umask ${umask.toString(8).padStart(4, "0")}; `;
  const become = [
    `echo "$${line}" >&5; echo "$${line}" >&3`,
    `${mask}unset ${[line, ...added].join(" ")}`,
    `exec "$@" 3>&- 5>&-`,
  ].join("\n");
  return [
    `trap : HUP INT QUIT USR1 USR2 PIPE ALRM TERM`,
    `trap 'echo "exit $?" >&4' EXIT`,
    // "go" comes when limits are in place; end of file: the agent died first, then nothing starts
    `IFS= read -r ${line} <&3 || exit 125`,
    // the shell's own word on the end of a program ("Terminated") does not belong into that program's log
    `exec 6>&2 2>/dev/null`,
    `(exec 2>&6 6>&- 4>&-`,
    // whole line of its stat: its id with its start time. Where there is no /proc just the id, which only a shell of its
    // own knows: $$ in here is the outer one's
    `if { IFS= read -r ${line} </proc/self/stat; } 2>/dev/null; then`,
    become,
    `else exec /bin/sh -c '${line}=$$`,
    become,
    `' "$0" "$@"; fi)`,
    `exit $?`,
  ].join("\n");
}

/** A shell variable that no program's environment has, so that reading into it changes none of theirs. */
const line = `${markerVariable}_LINE`;
