import type { Problem } from "../../errors/problem.ts";
import { concat, encode } from "../../model/expression.ts";
import type { FileSlot } from "../../model/resource.ts";
import { secret, type Secret } from "../../model/secret.ts";

/** Who may come where an edge asks for a login. */
interface EdgeUsers {
  /** Names and hashes, as edges read them; none without users. */
  readonly files: readonly FileSlot[];
  readonly logins: readonly { readonly user: string; readonly secret: string }[];
  readonly problems: readonly Problem[];
}

/** The users of an edge: a password is generated for each, the edge sees its hash. `asking`: routes that ask for a login. */
export function edgeUsers(name: string, users: readonly string[], asking: readonly string[]): EdgeUsers {
  const problem = (path: string, message: string): Problem => ({ code: "E_VALUE", path: `${name}/${path}`, message });
  const lines = users.flatMap((user) => [`${user}:`, encode("bcrypt", passwordOf(name, user)), "\n"]);
  return {
    files: users.length === 0 ? [] : [{ name: "users", content: concat(...lines), mode: 0o600 }],
    logins: users.map((user) => ({ user, secret: passwordOf(name, user).name })),
    problems: [
      ...users
        .filter((user) => !/^[a-z][a-z0-9-]{0,30}$/.test(user))
        .map((user) =>
          problem(`users/${user}`, `expected lower-case letters, digits and dashes, got ${JSON.stringify(user)}`),
        ),
      ...(users.length > 0 ? [] : asking).map((route) =>
        problem(`routes/${route}`, `asks for a login, and the edge has no \`users\``),
      ),
    ],
  };
}

function passwordOf(name: string, user: string): Secret {
  return secret(`${name}-${user}`);
}
