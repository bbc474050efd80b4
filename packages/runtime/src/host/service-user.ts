import { readFileSync } from "node:fs";

/** Whom a component runs as that must not be root. */
export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * As root: the user `caisson` where the host has one, else `nobody`. It must stand in the host's user table, because
 * `initdb` looks its own user up and gives up without an entry; making a user is the host's owner's business.
 * Not as root: `undefined`, everything runs as ourselves. `users`: the text of /etc/passwd.
 */
export function serviceUser(uid: number, users: string = readFileSync("/etc/passwd", "utf8")): ServiceUser | undefined {
  if (uid !== 0) return undefined;
  const entries = users.split("\n").map((line) => line.split(":"));
  for (const wanted of ["caisson", "nobody"]) {
    const [name, , id, group] = entries.find((entry) => entry[0] === wanted) ?? [];
    if (name !== undefined) return { name, uid: Number(id), gid: Number(group) };
  }
  return undefined;
}
