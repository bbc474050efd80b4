import { readFileSync } from "node:fs";
import { CaissonError } from "@caisson/core/run";

/** Whom a component runs as that must not be root. */
export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom programs that refuse to run as root run as. Not as root: `undefined`, everything runs as ourselves. As root: the
 * user `caisson` where the host's owner made one, else `nobody`, which every system has. Tried and dropped: a number of
 * our own without an entry in the user table, since `initdb` and single-user mode look their user up and give up;
 * making a user, since a program started through npm must not edit the host's accounts. `nobody` is shared with other
 * daemons that run as it and could signal or read ours: on such a host a user `caisson` is the better choice, made
 * before the first start, as data belongs to whoever made it (`recorded`). `users`: the text of /etc/passwd.
 */
export function serviceUser(uid: number, recorded?: ServiceUser, users?: string): ServiceUser | undefined {
  if (uid !== 0) return undefined;
  if (recorded) return recorded;
  const entries = (users ?? readFileSync("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of ["caisson", "nobody"]) {
    // name:password:uid:gid:comment:home:shell
    const [name, , id, group] = entries.find((entry) => entry[0] === wanted) ?? [];
    if (name !== undefined && Number(id) > 0 && Number(group) >= 0)
      return { name, uid: Number(id), gid: Number(group) };
  }
  throw new CaissonError(
    "E_SERVICE_USER",
    "expected a user caisson or nobody in /etc/passwd to run stores as, found none",
  );
}
