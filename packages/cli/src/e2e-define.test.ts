import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "./testing/run-cli.ts";
import { stackFolder } from "./testing/stack-folder.ts";
import { tempFolder } from "./testing/temp-folder.ts";

describe("secrets", () => {
  test("are listed, supplied, shown on demand only, and made anew", async () => {
    const cwd = stackFolder();
    const list = async () => {
      const { stdout } = await runCli(["secret", "list", "--profile", "extra", "--format", "json"], { cwd });
      return (JSON.parse(stdout) as { secrets: Record<string, unknown>[] }).secrets;
    };
    expect(await list()).toEqual([
      {
        name: "api-key",
        source: "generated",
        status: "made at up",
        usedBy: ["api", "worker"],
        version: null,
        createdTimestamp: null,
      },
      {
        name: "more-key",
        source: "provided",
        status: "missing",
        usedBy: ["more"],
        version: null,
        createdTimestamp: null,
      },
    ]);
    const up = await runCli(["up", "-d", "--profile", "extra"], { cwd });
    expect(up).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error\[E_SECRET_MISSING\].*\n {2}hint: .*\n {8}caisson secret set more-key/),
    });

    const value = "s3cr3t value with sixteen characters";
    const set = await runCli(["secret", "set", "more-key"], { cwd, input: `${value}\n` });
    expect(set).toMatchObject({ code: 0, stdout: "", stderr: expect.not.stringContaining(value) });
    expect(await runCli(["up", "-d", "--profile", "extra"], { cwd })).toMatchObject({ code: 0 });
    expect((await list()).map(({ name, status }) => [name, status])).toEqual([
      ["api-key", "present"],
      ["more-key", "present"],
    ]);

    const refused = await runCli(["secret", "get", "more-key", "--profile", "extra"], { cwd });
    expect(refused).toMatchObject({
      code: 21,
      stdout: "",
      stderr: expect.stringMatching(/^error\[E_CONFIRM\]: Printing the value of more-key needs a yes/),
    });
    expect(await runCli(["secret", "get", "more-key", "--profile", "extra", "--yes"], { cwd })).toEqual({
      code: 0,
      signal: null,
      stdout: `${value}\n`,
      stderr: "",
    });
    expect(
      await runCli(["secret", "get", "more-key", "--profile", "extra"], { cwd, env: { CAISSON_YES: "1" } }),
    ).toMatchObject({ code: 0, stdout: `${value}\n` });

    const first = (await runCli(["secret", "get", "api-key", "-y"], { cwd })).stdout.trim();
    expect(first).toMatch(/^[0-9A-Za-z]{43}$/);
    expect(await runCli(["secret", "reset", "api-key", "--yes"], { cwd })).toMatchObject({ code: 0, stdout: "" });
    expect((await runCli(["secret", "get", "api-key", "-y"], { cwd })).stdout.trim()).not.toBe(first);
    expect(await runCli(["secret", "reset", "more-key", "--profile", "extra", "--yes"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("caisson secret set more-key"),
    });
    expect((await runCli(["plan"], { cwd })).stdout).toMatch(/set api to #2/);
  });

  test("come from a file, and are no argument", async () => {
    const cwd = stackFolder();
    writeFileSync(join(cwd, "key.txt"), "sixteen letters or more\r\n");
    expect(
      await runCli(["secret", "set", "more-key", "--profile", "extra", "--from-file", "key.txt"], { cwd }),
    ).toMatchObject({ code: 0 });
    expect((await runCli(["secret", "get", "more-key", "--profile", "extra", "-y"], { cwd })).stdout).toMatch(
      /^sixteen letters or more\r?\n$/,
    );
    expect(await runCli(["secret", "set", "more-key", "value", "--profile", "extra"], { cwd })).toMatchObject({
      code: 2,
    });
  });
});

describe("the definition", () => {
  test("is drawn", async () => {
    const cwd = stackFolder();
    const text = await runCli(["graph"], { cwd, env: { PATH: process.env["PATH"] ?? "", CAISSON_FORMAT: "table" } });
    expect(text.stdout).toMatch(/1 {2}setup +job\n2 {2}api +service +needs setup\n3 {2}worker +service +needs api\n/);
    expect((await runCli(["graph", "--format", "mermaid"], { cwd })).stdout).toMatch(/^flowchart /);
    expect((await runCli(["graph", "--format", "svg"], { cwd })).stdout).toMatch(/^<svg [^]*<\/svg>\n$/);
    const json = JSON.parse((await runCli(["graph", "--format", "json", "--profile", "extra"], { cwd })).stdout) as {
      resources: { name: string }[];
      edges: unknown[];
    };
    expect(json.resources.map(({ name }) => name)).toEqual(["setup", "api", "worker", "greet", "more"]);
    expect(json.edges).toContainEqual(expect.objectContaining({ from: "worker", to: "api" }));
  });

  test("has parameters, which config tells and whose template works", async () => {
    const cwd = stackFolder();
    const table = await runCli(["config", "--set", "level=high"], { cwd, env: { GREETING: "hi there" } });
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout).toBe(
      [
        "stack demo, environment dev, profiles (extra)",
        "PARAMETER  VALUE     FROM                  VARIABLE  TYPE",
        "greeting   hi there  environment variable  GREETING  string",
        'level      high      --set                 LEVEL     one of "low", "high"',
        "",
      ].join("\n"),
    );
    const example = await runCli(["config", "--env-example"], { cwd });
    writeFileSync(join(cwd, ".env"), example.stdout.replace("#GREETING=hello", "GREETING=bye"));
    expect((await runCli(["config"], { cwd })).stdout).toMatch(/^greeting +bye +\.env/m);
  });
});

describe("data", () => {
  test("is asked by SQL, listed before it goes, and goes only after a yes", async () => {
    const db =
      'import { defineStack, postgres } from "@caisson/core";\nexport default defineStack("data", [postgres("db", { database: "shop" })]);\n';
    const cwd = stackFolder({ "stack.ts": db });
    const up = await runCli(["up", "-d"], { cwd });
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toMatch(
      /^LOG IN +AT +USER +SECRET \(caisson secret get NAME\)\ndb +127\.0\.0\.1:\d+ +shop +db-shop$/m,
    );
    const password = (await runCli(["secret", "get", "db-shop", "-y"], { cwd })).stdout.trim();

    const made = await runCli(
      [
        "sql",
        "-c",
        "create table item (id int, name text, price numeric, sold bool, extra jsonb); insert into item values (1, 'a  b', 2.50, true, '{\"x\":[1]}'), (2, null, 12345678901234567890, false, null)",
      ],
      { cwd },
    );
    expect(made).toMatchObject({ code: 0, stdout: "CREATE\nINSERT 2\n", stderr: "" });
    const table = await runCli(["sql", "db"], { cwd, input: "select * from item order by id" });
    expect(table.stdout).toBe(
      [
        "id  name                 price  sold  extra",
        ' 1  a  b                  2.50  t     {"x": [1]}',
        " 2  null  12345678901234567890  f     null",
        "(2 rows)",
        "",
      ].join("\n"),
    );
    const json = await runCli(["sql", "-c", "select * from item order by id", "--format", "json"], { cwd });
    expect(JSON.parse(json.stdout)).toEqual({
      results: [
        {
          command: "SELECT",
          rowCount: 2,
          columns: ["id", "name", "price", "sold", "extra"],
          rows: [
            { id: 1, name: "a  b", price: 2.5, sold: true, extra: { x: [1] } },
            { id: 2, name: null, price: "12345678901234567890", sold: false, extra: null },
          ],
        },
      ],
    });
    expect((await runCli(["sql", "-c", "select id from item order by 1", "--format", "jsonl"], { cwd })).stdout).toBe(
      '{"id":1}\n{"id":2}\n',
    );
    const wrong = await runCli(["sql", "-c", "insert into item values (3); selec 1"], { cwd });
    expect(wrong).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error\[E_SQL\]: db: syntax error at or near "selec" \(at character 30\)/),
    });
    expect((await runCli(["sql", "-c", "select count(*) from item", "--format", "jsonl"], { cwd })).stdout).toBe(
      '{"count":2}\n',
    );
    expect(await runCli(["sql", "nodb", "-c", "select 1"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Did you mean db?"),
    });

    const wired = await runCli(
      [
        "run",
        "--",
        "sh",
        "-c",
        'echo $DB_USERNAME@$DB_DATABASE; stat -c %a $DB_URL_FILE; cat $DB_PASSWORD_FILE; env | grep -c -- "$(cat $DB_PASSWORD_FILE)"; dirname $DB_URL_FILE',
      ],
      { cwd },
    );
    const [who, mode, secret, inEnvironment, folder = ""] = wired.stdout.split(/\n|(?<=^.{43})(?=0$)/m);
    expect([who, mode]).toEqual(["shop@shop", "600"]);
    expect(`${secret}${inEnvironment}`).toContain(password);
    expect(() => readdirSync(folder)).toThrow("ENOENT");

    const dry = await runCli(["down", "-v", "--dry-run"], { cwd });
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^data \(dev\): goes down\ndata of data \(dev\): db\/data {2}\d+ MB {2}\/.*\n$/),
    });
    const refused = await runCli(["down", "-v"], { cwd });
    expect(refused).toMatchObject({
      code: 21,
      stderr: expect.stringMatching(
        /^data of data \(dev\): db\/data {2}\d+ MB[^]*error\[E_CONFIRM\]: Removing \d+ MB of data for good needs a yes/,
      ),
    });
    expect(await runCli(["health"], { cwd })).toMatchObject({ code: 0 });
    expect(await runCli(["down"], { cwd })).toMatchObject({ code: 0 });
    expect((await runCli(["down", "-v", "--dry-run"], { cwd })).stdout).toMatch(/is not running\ndata of data/);
    expect(await runCli(["down", "-v", "--yes"], { cwd })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("removed the data of db"),
    });
    expect((await runCli(["down", "-v", "--dry-run"], { cwd })).stdout).toBe("data (dev): is not running\n");
  });
});

test("down --all takes every environment of the project down, whatever became of its file or of another's state", async () => {
  const cwd = stackFolder();
  // The first in order, and open to others: nothing is believed of it.
  mkdirSync(join(cwd, ".caisson/demo/broken"), { recursive: true, mode: 0o755 });
  await runCli(["up", "-d"], { cwd });
  await runCli(["up", "-d", "--env", "prod"], { cwd });
  expect((await runCli(["logs", "--env", "prod", "api"], { cwd })).stdout).toContain("greeting good day");
  writeFileSync(join(cwd, "stack.ts"), "no longer a stack");
  mkdirSync(join(cwd, "deep"));
  const down = await runCli(["down", "--all"], { cwd: join(cwd, "deep") });
  expect(down).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("error[E_FOLDER_UNSAFE]") });
  expect(down.stderr.match(/worker {2}Exited/g)).toHaveLength(2);
  expect(await runCli(["down", "--all"], { cwd: tempFolder() })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nothing was ever started here"),
  });
});
