import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommandError } from "../errors/command-error.ts";
import { defineVerb, flag, value, values } from "../verb.ts";
import { resolveFlags, stackFlags } from "./common-flags.ts";
import { asksForHelp, headOf, parseVerb, splitVerb } from "./parse.ts";
import { choice, count, duration, replicas, text } from "./value-types.ts";

const verb = defineVerb({
  usage: ["demo [NAME...]"],
  about: "A verb of this test.",
  flags: {
    ...stackFlags,
    ...resolveFlags,
    detach: flag("detach", { short: "d" }),
    destroy: flag("destroy", { short: "v", env: false }),
    tail: value(count("LINES"), "lines", "n"),
    timeout: value(duration, "how long"),
    for: value(choice(["ready", "started"]), "what"),
    scale: values(replicas, "replicas"),
    without: values(text("NAME"), "without"),
  },
  words: { name: "NAME", min: 0, max: 2, of: "resource" },
  run: async () => {},
});
const execLike = defineVerb({
  usage: ["exec NAME -- COMMAND"],
  about: "",
  flags: stackFlags,
  words: { name: "NAME", min: 1, max: 1 },
  rest: "after-first",
  run: async () => {},
});
const runLike = defineVerb({
  usage: ["run [NAME] -- ARGS"],
  about: "",
  flags: stackFlags,
  words: { name: "NAME", min: 0, max: 1 },
  rest: "after-dashes",
  run: async () => {},
});

const parse = (args: readonly string[], env = {}) => parseVerb("demo", verb, args, env);

describe("what is accepted", () => {
  type Case = readonly [args: readonly string[], flags: Record<string, unknown>, words?: readonly string[]];
  const cases: readonly Case[] = [
    [[], { detach: false, tail: undefined, scale: [], file: undefined }],
    [["-d"], { detach: true }],
    [["--detach"], { detach: true }],
    [["-dn", "5"], { detach: true, tail: 5 }],
    [["-n5"], { tail: 5 }],
    [["--tail=0"], { tail: 0 }],
    [["--tail", "7", "--tail", "8"], { tail: 8 }],
    [["a", "-d", "b"], { detach: true }, ["a", "b"]],
    [["--", "-d", "b"], { detach: false }, ["-d", "b"]],
    [["-"], {}, ["-"]],
    [
      ["--scale", "a=3", "--scale=b=0"],
      {
        scale: [
          ["a", 3],
          ["b", 0],
        ],
      },
    ],
    [["--set", "x=a=b"], { set: [["x", "a=b"]] }],
    [["--set=x="], { set: [["x", ""]] }],
    [["--timeout", "90"], { timeout: 90_000 }],
    [["--timeout", "1m30s"], { timeout: 90_000 }],
    [["--timeout=1.5h"], { timeout: 5_400_000 }],
    [["--for", "ready"], { for: "ready" }],
    [["-f", "x.ts"], { file: "x.ts" }],
    [["-fx.ts"], { file: "x.ts" }],
    [["--profile", "a", "--profile", "b"], { profile: ["a", "b"] }],
  ];
  test.each(cases.map((each): [string, Case] => [JSON.stringify(each[0]), each]))(
    "%s",
    (_, [args, flags, words = []]) => {
      const parsed = parse(args);
      expect(parsed.flags).toMatchObject(flags);
      expect(parsed.words).toEqual(words);
      expect(parsed.rest).toBeUndefined();
    },
  );
});

describe("what is refused", () => {
  const cases: readonly (readonly [args: readonly string[], code: string, message: string])[] = [
    [["--nope"], "E_USAGE", "`caisson demo` has no flag --nope"],
    [["--constructor"], "E_USAGE", "`caisson demo` has no flag --constructor"],
    [["-z"], "E_USAGE", "`caisson demo` has no flag -z"],
    [["--detach=yes"], "E_USAGE", '--detach takes no value, got "yes"'],
    [["--tail"], "E_USAGE", "--tail wants a value: expected a whole number from 0 up, got nothing"],
    [["--tail", "-d"], "E_USAGE", "--tail wants a value: expected a whole number from 0 up, got the flag -d"],
    [["--tail=-1"], "E_USAGE", '--tail: expected a whole number from 0 up, got "-1"'],
    [["--tail", "1.5"], "E_USAGE", '--tail: expected a whole number from 0 up, got "1.5"'],
    [
      ["--timeout", "soon"],
      "E_USAGE",
      '--timeout: expected a duration such as 30s, 1m30s or 2h (a plain number is seconds), got "soon"',
    ],
    [
      ["--timeout="],
      "E_USAGE",
      '--timeout: expected a duration such as 30s, 1m30s or 2h (a plain number is seconds), got ""',
    ],
    [["--for", "redy"], "E_USAGE", '--for: expected one of ready, started, got "redy"'],
    [
      ["--scale", "a"],
      "E_USAGE",
      '--scale: expected NAME=REPLICAS with replicas from 0 to 1000, such as api=3, got "a"',
    ],
    [
      ["--scale", "a=-1"],
      "E_USAGE",
      '--scale: expected NAME=REPLICAS with replicas from 0 to 1000, such as api=3, got "a=-1"',
    ],
    [
      ["--scale", "a=1001"],
      "E_USAGE",
      '--scale: expected NAME=REPLICAS with replicas from 0 to 1000, such as api=3, got "a=1001"',
    ],
    [["--set", "x"], "E_USAGE", '--set: expected NAME=VALUE, got "x"'],
    [["--set", "=x"], "E_USAGE", '--set: expected NAME=VALUE, got "=x"'],
    [["--without", ""], "E_USAGE", '--without: expected some text, got ""'],
    [["a", "b", "c"], "E_USAGE", '`caisson demo` takes at most 2 NAME, got "c" too'],
  ];
  test.each(cases)("%j is %s", (args, code, message) => {
    expect(() => parse(args)).toThrow(expect.objectContaining({ name: "CaissonError", code, message }));
  });

  test("a misspelt flag carries what it may have been", () => {
    try {
      parse(["--detatch"]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CommandError);
      expect((error as CommandError).suggest).toEqual({
        word: "--detatch",
        among: expect.arrayContaining(["--detach"]),
      });
    }
  });
});

describe("variables", () => {
  test("set what the command line leaves open", () => {
    const env = { CAISSON_TAIL: "3", CAISSON_DETACH: "1", CAISSON_PROFILE: "a,b", CAISSON_FILE: "" };
    expect(parse([], env).flags).toMatchObject({ tail: 3, detach: true, profile: ["a", "b"], file: undefined });
    expect(parse(["--tail", "9"], env).flags.tail).toBe(9);
    expect(parse([], { CAISSON_DETACH: "off" }).flags.detach).toBe(false);
  });

  test("do not destroy", () => {
    expect(parse([], { CAISSON_DESTROY: "1" }).flags.destroy).toBe(false);
  });

  test("are named when they are wrong", () => {
    expect(() => parse([], { CAISSON_DETACH: "maybe" })).toThrow(
      'CAISSON_DETACH: expected 1, true, 0 or false, got "maybe"',
    );
    expect(() => parse([], { CAISSON_TAIL: "x" })).toThrow("CAISSON_TAIL: expected a whole number");
  });
});

describe("the rest of the line", () => {
  test("belongs to the command of exec, dashes and all", () => {
    const exec = (...args: readonly string[]) => parseVerb("exec", execLike, args, {});
    expect(exec("api", "--", "ls", "-l")).toMatchObject({ words: ["api"], rest: ["ls", "-l"] });
    expect(exec("--env", "prod", "api", "ls", "--file", "x")).toMatchObject({
      words: ["api"],
      rest: ["ls", "--file", "x"],
      flags: { env: "prod", file: undefined },
    });
    expect(exec("api", "--", "sh", "-c", "--")).toMatchObject({ rest: ["sh", "-c", "--"] });
    expect(() => exec("api")).toThrow(
      expect.objectContaining({ code: "E_ARGUMENT", message: "`caisson exec` wants a command" }),
    );
    expect(() => exec()).toThrow(expect.objectContaining({ code: "E_ARGUMENT", message: "`caisson exec` wants NAME" }));
    expect(asksForHelp(["api", "--", "ls", "--help"], execLike)).toBe(false);
    expect(asksForHelp(["--help"], execLike)).toBe(true);
  });

  test("is what follows -- of run", () => {
    const run = (...args: readonly string[]) => parseVerb("run", runLike, args, {});
    expect(run("job")).toMatchObject({ words: ["job"], rest: undefined });
    expect(run("job", "--")).toMatchObject({ words: ["job"], rest: [] });
    expect(run("--", "ls", "-l", "--", "x")).toMatchObject({ words: [], rest: ["ls", "-l", "--", "x"] });
    expect(() => run("a", "b", "--", "c")).toThrow('takes one NAME, got "b" too');
  });
});

describe("the verb", () => {
  test.each([
    [["up"], [], "up", []],
    [["-f", "x.ts", "up", "-d"], ["--file=x.ts"], "up", ["-d"]],
    [["--env=prod", "--yes", "logs", "-f"], ["--env=prod", "--yes"], "logs", ["-f"]],
    [["-fx", "logs"], ["--file=x"], "logs", []],
    [["--nope", "up"], ["--nope"], "up", []],
    [["--help"], ["--help"], undefined, []],
    [[], [], undefined, []],
    [["exec", "up", "--", "down"], [], "exec", ["up", "--", "down"]],
  ] as const)("of %j", (argv, head, name, args) => {
    expect(splitVerb(argv)).toEqual({ head, verb: name, args });
  });

  test("takes what stands before it, but for a stack that it is not about", () => {
    const head = ["--file=x.ts", "--env=prod", "--yes"];
    expect(headOf(verb, head)).toEqual(head);
    expect(headOf({ ...verb, flags: {} }, head)).toEqual(["--yes"]);
  });
});

test("any command line is parsed or refused with a code, and never a fault", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "-d",
      "-n",
      "--tail",
      "--tail=3",
      "--",
      "--scale",
      "a=1",
      "-f",
      "--for",
      "ready",
      "-dn4",
      "--env",
      "x",
    ),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      const { head, verb: name, args } = splitVerb(argv);
      for (const each of [verb, execLike, runLike]) {
        try {
          parseVerb(name ?? "demo", each, [...headOf(each, head), ...args], {});
        } catch (error) {
          expect(error).toBeInstanceOf(CommandError);
        }
      }
    }),
  );
});
