import { slots, stackDocs, walk, type ResolvedStack, type SecretSource } from "@caisson/core";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { parseVerb, splitVerb } from "../packages/cli/src/args/parse.ts";
import { findEntry } from "../packages/cli/src/catalogue.ts";
import { commandsIn, wordsOf } from "../packages/cli/src/testing/commands-in.ts";
import { makePostgresServer } from "../packages/runtime/src/provision/testing/postgres-server.ts";
import { wholeStacks } from "./accepted/stacks.ts";

const signedBy = (source: SecretSource): readonly string[] => (source.from === "certificate" ? [source.authority] : []);
const markdown = (stack: ResolvedStack): string =>
  stackDocs(stack)
    .map(({ path, text }) => (path.endsWith(".md") ? text : ""))
    .join("");

describe.each(wholeStacks.map((stack) => ({ name: `${stack.name} in ${stack.environment}`, stack })))(
  "$name",
  ({ stack }) => {
    const names = stack.resources.map(({ name }) => name);
    const secrets = new Set(
      stack.resources.flatMap((each) =>
        [...slots(each)]
          .flatMap(([, value]) => [...walk(value)])
          .flatMap((part) => (part.kind === "secret" ? [part.name, ...signedBy(part.source)] : [])),
      ),
    );

    test("every command of its documents is one that the command line takes, on what the stack has", async () => {
      const commands = commandsIn(markdown(stack));
      expect(commands.length).toBeGreaterThan(20);
      for (const command of commands) {
        const [, ...argv] = wordsOf(command);
        const { verb: name = "", args } = splitVerb(argv);
        const verb = await findEntry(name)?.load();
        if (!verb) throw new Error(`${command}: there is no such verb`);
        const { words, flags } = parseVerb(name, verb, args, {});
        // A word in capitals stands for one that people choose.
        const given = words.filter((word) => word !== word.toUpperCase());
        if (verb.words?.of === "resource")
          for (const word of given) expect(names, command).toContain(word.split("=")[0]);
        if (name === "secret") for (const word of given.slice(1)) expect(secrets, command).toContain(word);
        const { set } = flags as { readonly set?: readonly (readonly [string, string])[] };
        for (const [param] of set ?? []) expect(Object.keys(stack.params), command).toContain(param);
      }
    });

    test("names no verb anywhere that there is not: in what an alert says to do, in a file", () => {
      const named = [...JSON.stringify(stack).matchAll(/(?<![\w/@-])caisson ([a-z]+)\b/g)].map(
        ([, verb]) => verb ?? "",
      );
      expect(named.filter((verb) => !findEntry(verb))).toEqual([]);
    });
  },
);

test("every statement in them is one that PostgreSQL takes", async () => {
  const statements = new Set(
    wholeStacks.flatMap((stack) =>
      commandsIn(markdown(stack)).flatMap((command) =>
        /^caisson sql .* -c /.test(command) ? [wordsOf(command).at(-1)] : [],
      ),
    ),
  );
  expect(statements.size).toBe(3);
  await using server = await makePostgresServer();
  await server.start();
  const client = new pg.Client({
    host: "127.0.0.1",
    port: server.port,
    user: "postgres",
    password: server.password,
    database: "postgres",
  });
  await client.connect();
  try {
    for (const statement of statements)
      expect((await client.query(statement ?? "")).rowCount, statement).toBeGreaterThan(0);
  } finally {
    await client.end();
  }
});
