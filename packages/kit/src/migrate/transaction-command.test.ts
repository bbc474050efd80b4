import { expect, test } from "vitest";
import { transactionCommand } from "./transaction-command.ts";

test.each([
  ["commit", "commit"],
  ["select 1; Rollback;", "rollback"],
  ["/* a /* b */ c */ start transaction", "start"],
  ["select ';'; end", "end"],
  ["select E'\\';'; savepoint s", "savepoint"],
])("%s has a command", (sql, command) => {
  expect(transactionCommand(sql)).toBe(command);
});

test.each([
  "select 'x; commit;'",
  'create table "t; commit" (commit int)',
  "-- ; commit\nselect 1",
  "/* ; commit; /* ; commit */ ; commit */ select 1",
  "create function f() returns void language plpgsql as $body$ begin perform 1; commit; end; $body$",
  "create function f() returns int begin atomic select 1; end; select 2",
  "select E'it\\'s; commit;'",
  "comment on table t is 'it''s; commit;'",
  "select case when true then 1 end",
  "",
])("%s has none", (sql) => {
  expect(transactionCommand(sql)).toBeUndefined();
});
