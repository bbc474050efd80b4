import { formatFlag, resolveFlags, stackFlags } from "../args/common-flags.ts";
import { text } from "../args/value-types.ts";
import { defineVerb, value, type Arguments } from "../verb.ts";

const flags = {
  ...stackFlags,
  ...resolveFlags,
  ...formatFlag,
  command: value(text("SQL"), "run these statements and end", "c"),
} as const;

/** What `sql` was given. */
export type SqlArguments = Arguments<typeof flags>;

/** `caisson sql`. */
export const sql = defineVerb({
  usage: ["sql [STORE]", "sql STORE -c 'select 1' [--format json]", "sql STORE < file.sql"],
  about: `Talks to a PostgreSQL store as the role that owns its database. On a terminal it opens psql where there is one, else
a plain prompt (statements end with a semicolon, \\q leaves). With -c, or with SQL on stdin, it runs the statements in one
go, all or nothing, and prints the rows. The password is read from its secret; it is in no argument and no variable.
STORE may be left out where there is only one.`,
  flags,
  words: { name: "STORE", min: 0, max: 1, of: "resource" },
  handlesInterrupt: true,
  run: async (context, args) => (await import("../sql/run-sql.ts")).runSql(context, args),
});
