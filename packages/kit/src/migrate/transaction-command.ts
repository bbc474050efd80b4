const controls = new Set(["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"]);

/**
 * The first statement of an SQL text that would end or open a transaction; `undefined` where there is none. Comments, strings and the
 * bodies of functions are passed over, so a BEGIN of PL/pgSQL is none.
 */
export function transactionCommand(sql: string): string | undefined {
  // The body of an SQL-standard function is not quoted: its END stands at the start of a statement and ends none of ours.
  const atomic = /\bbegin\s+atomic\b/i.test(sql);
  let atStart = true;
  for (const [token] of sql.matchAll(tokens)) {
    if (token.startsWith("--") || token.startsWith("/*") || /^\s/.test(token)) continue;
    if (token === ";") {
      atStart = true;
      continue;
    }
    const word = token.toLowerCase();
    if (atStart && controls.has(word) && !(atomic && word === "end")) return word;
    atStart = false;
  }
  return undefined;
}

/** Comments (PostgreSQL nests them; two levels are enough here), dollar quotes, strings, names, spaces, words, the rest. */
const tokens =
  /--[^\n]*|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*)|\/\*(?:[^*]|\*(?!\/))*\*\/)*\*\/|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\s+|[A-Za-z_][\w$]*|;|[\s\S]/g;
