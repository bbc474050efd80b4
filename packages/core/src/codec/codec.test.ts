import fc from "fast-check";
import { Type, type TSchema } from "typebox";
import { describe, expect, test } from "vitest";
import { HttpUrl, PostgresUrl, SecretText, type ConfigSchema } from "../model/contract.ts";
import { literal, type Expression, type Json } from "../model/expression.ts";
import { configKeyProblems } from "./config-keys.ts";
import { decodeConfig } from "./decode-config.ts";
import { encodeConfig, fileText, type EncodedConfig } from "./encode-config.ts";
import { envName } from "./env-name.ts";
import { encodeText } from "./text.ts";

interface Pair {
  readonly schema: TSchema;
  readonly value: Json;
}

/** JSON has no -0: it comes back as 0. */
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));

/** A schema with a value that it allows. */
const pair: fc.Arbitrary<Pair> = fc.letrec<{ pair: Pair }>((tie) => ({
  pair: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "binary", size: "medium" }).map((value) => ({ schema: Type.String(), value })),
    fc.constantFrom("", "\n", "a\n\n", "null", "1", '"x"', "\0", "x".repeat(40_000)).map((value) => ({
      schema: Type.String(),
      value,
    })),
    fc.integer().map((value) => ({ schema: Type.Integer(), value })),
    double.map((value) => ({ schema: Type.Number(), value })),
    fc.boolean().map((value) => ({ schema: Type.Boolean(), value })),
    fc.string().map((value) => ({ schema: Type.Union([Type.String(), Type.Null()]), value })),
    fc.constant({ schema: Type.Union([Type.String(), Type.Null()]), value: null }),
    fc.string().map((value) => ({ schema: Type.Literal(value), value })),
    fc.uniqueArray(fc.string(), { minLength: 1 }).map((values) => ({
      schema: Type.Enum(values as [string, ...string[]]),
      value: values.at(-1) ?? "",
    })),
    fc.array(fc.string()).map((value) => ({ schema: Type.Array(Type.String()), value })),
    tie("pair").map(({ schema, value }) => ({ schema: Type.Array(schema), value: [value, value] })),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie("pair")).map((entries) => ({
      schema: Type.Object(Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, inner.schema]))),
      value: Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, inner.value])),
    })),
    fc.string({ unit: "binary", minLength: 3 }).map((value) => ({ schema: SecretText(3), value })),
    fc.webUrl().map((value) => ({ schema: HttpUrl, value })),
  ),
})).pair;

interface Case {
  readonly schema: ConfigSchema;
  readonly values: Record<string, Json>;
  readonly tainted: ReadonlySet<string>;
}

const configuration: fc.Arbitrary<Case> = fc
  .uniqueArray(
    fc.record({
      key: fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,12}$/).filter((key) => configKeyProblems([key]).length === 0),
      pair,
      optional: fc.boolean(),
      absent: fc.boolean(),
      tainted: fc.boolean(),
    }),
    { selector: ({ key }) => envName(key).replace(/_FILE$/, ""), maxLength: 8 },
  )
  .map((entries) => ({
    schema: Type.Object(
      Object.fromEntries(
        entries.map((entry) => [entry.key, entry.optional ? Type.Optional(entry.pair.schema) : entry.pair.schema]),
      ),
    ),
    values: Object.fromEntries(
      entries.filter((entry) => !(entry.optional && entry.absent)).map((entry) => [entry.key, entry.pair.value]),
    ),
    tainted: new Set(entries.filter((entry) => entry.tainted).map((entry) => entry.key)),
  }));

/** The values as a stack has them: those that are tainted as secrets of which the name is the value. */
function expressions({ schema, values, tainted }: Case): Record<string, Expression> {
  const entries = Object.entries(values).map(([key, value]): [string, Expression] => {
    const name = encodeText(schema.properties[key] ?? Type.Unknown(), value);
    const secret = { kind: "secret", name, source: { from: "provided" } } as const;
    return [key, tainted.has(key) ? secret : literal(value)];
  });
  return Object.fromEntries(entries);
}

/** What a target would make of it. */
function textsOf({ env, files }: EncodedConfig): { env: Record<string, string>; files: Record<string, string> } {
  const text = (value: Expression): string => (value.kind === "secret" ? value.name : textOf(value));
  const map = (record: Readonly<Record<string, Expression>>, of: (text: string) => string): Record<string, string> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(text(value))]));
  return { env: map(env, (value) => value), files: map(files, fileText) };
}

function textOf(value: Expression): string {
  if (value.kind !== "literal" || typeof value.value !== "string") throw new Error("expected a text");
  return value.value;
}

function noFiles(path: string): string {
  throw new Error(`no file is expected to be read, got ${path}`);
}

describe("encodeConfig and decodeConfig", () => {
  test("decode gives back what encode took, for any schema and any value it allows", () => {
    fc.assert(
      fc.property(configuration, (each) => {
        const { schema, values } = each;
        const encoded = textsOf(encodeConfig(schema, expressions(each)));
        const paths = Object.keys(encoded.files).map((key) => [`${envName(key)}_FILE`, `/run/${key}`]);
        const decoded = decodeConfig(
          schema,
          { CAISSON_REPLICA: "1", CAISSON_UNKNOWN: "x", ...encoded.env, ...Object.fromEntries(paths) },
          (path) => encoded.files[path.slice("/run/".length)] ?? noFiles(path),
        );
        expect(decoded).toMatchObject({ config: values });
        expect("config" in decoded && Object.keys(decoded.config).sort()).toEqual(Object.keys(values).sort());
      }),
      { numRuns: 500 },
    );
  });

  test("what is tainted, is a secret or cannot live in an environment never reaches it", () => {
    fc.assert(
      fc.property(configuration, (each) => {
        const { env } = textsOf(encodeConfig(each.schema, expressions(each)));
        for (const key of each.tainted) expect(env).not.toHaveProperty(envName(key));
        for (const text of Object.values(env)) {
          expect(text).not.toContain("\0");
          expect(text.length).toBeLessThan(100_000);
        }
      }),
    );
  });

  test("a URL with a password goes to a file by itself, one without does not", () => {
    const schema = Type.Object({ databaseUrl: PostgresUrl, otherUrl: PostgresUrl, pepper: SecretText(4) });
    expect(
      textsOf(
        encodeConfig(schema, {
          databaseUrl: literal("postgres://app:p%40ss@127.0.0.1:5432/app"),
          otherUrl: literal("postgres://127.0.0.1:5432/app"),
          pepper: literal("salt"),
        }),
      ),
    ).toEqual({
      env: { OTHER_URL: "postgres://127.0.0.1:5432/app" },
      files: { databaseUrl: "postgres://app:p%40ss@127.0.0.1:5432/app", pepper: "salt" },
    });
  });

  test("the secrets of a configuration are named for redaction, passwords in both their forms", () => {
    const schema = Type.Object({ databaseUrl: PostgresUrl, name: Type.String() });
    const decoded = decodeConfig(
      schema,
      { DATABASE_URL: "postgres://app:p%40ss@127.0.0.1:5432/app", NAME_FILE: "/run/name" },
      () => "canary\n",
    );
    expect(decoded).toMatchObject({ config: { name: "canary" }, secrets: ["p%40ss", "p@ss", "canary"] });
  });

  test("an unknown key is refused with the nearest one", () => {
    const schema = Type.Object({ databaseUrl: PostgresUrl });
    expect(() => encodeConfig(schema, { databaseUri: literal("x") })).toThrow(
      /databaseUri.*did you mean databaseUrl\?/,
    );
  });
});

describe("decodeConfig", () => {
  const schema = Type.Object({
    databaseUrl: PostgresUrl,
    pepper: SecretText(32),
    batch: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    mode: Type.Union([Type.Literal("fast"), Type.Literal("safe")]),
    limits: Type.Object({ cpus: Type.Number(), burst: Type.Integer({ default: 5 }) }),
    tags: Type.Optional(Type.Array(Type.String())),
    label: Type.String(),
  });

  test("every problem is reported at once, with key, variable, expected and got, and no secret", () => {
    const decoded = decodeConfig(
      schema,
      {
        DATABASE_URL: "mysql://root:hunter2secret@db",
        PEPPER_FILE: "/run/pepper",
        BATCH: "5000",
        MODE: "quick",
        LIMITS: '{"cpus":"two"}',
        TAGS: "a,b",
        LABEL: "x",
        LABEL_FILE: "/run/label",
      },
      () => "shortsecret",
    );
    const problems = "problems" in decoded ? decoded.problems : [];
    expect(problems.map(({ key, variable, expected, got }) => [key, variable, expected, got])).toEqual([
      [
        "databaseUrl",
        "DATABASE_URL",
        "a PostgreSQL URL (postgres://user:password@host:port/database)",
        "a text of 29 characters that does not fit",
      ],
      ["pepper", "PEPPER", "a secret of at least 32 characters", "a text of 11 characters that does not fit"],
      ["batch", "BATCH", "an integer from 1 to 1000", '"5000"'],
      ["mode", "MODE", 'one of "fast", "safe"', '"quick"'],
      ["limits", "LIMITS", "an object, as JSON", '"{\\"cpus\\":\\"two\\"}" (must be number at /cpus)'],
      ["tags", "TAGS", "a list, as JSON", '"a,b", which is not JSON'],
      ["label", "LABEL", "text", "both LABEL and LABEL_FILE; set one"],
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2secret|shortsecret/);
  });

  test("what is absent is missing when required, defaulted when it has a default, left out when optional", () => {
    const missing = decodeConfig(schema, {}, noFiles);
    expect("problems" in missing && missing.problems.map((problem) => `${problem.key}: ${problem.got}`)).toEqual([
      "databaseUrl: nothing",
      "pepper: nothing",
      "mode: nothing",
      "limits: nothing",
      "label: nothing",
    ]);
    const decoded = decodeConfig(
      schema,
      {
        DATABASE_URL: "postgres://h/d",
        PEPPER: "x".repeat(32),
        MODE: "fast",
        LIMITS: '{"cpus":0.5}',
        LABEL: "",
      },
      noFiles,
    );
    expect(decoded).toMatchObject({
      config: { batch: 100, limits: { cpus: 0.5, burst: 5 }, label: "", mode: "fast" },
    });
    expect("config" in decoded && Object.hasOwn(decoded.config, "tags")).toBe(false);
  });

  test("a file that cannot be read is named with the reason", () => {
    const decoded = decodeConfig(Type.Object({ pepper: SecretText(4) }), { PEPPER_FILE: "/nowhere" }, () => {
      throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    });
    expect("problems" in decoded && decoded.problems[0]?.message).toBe(
      "PEPPER or PEPPER_FILE: expected a secret of at least 4 characters, got PEPPER_FILE=/nowhere, which cannot be read (ENOENT)",
    );
  });
});

describe("configKeyProblems", () => {
  test("keys of a bad form, reserved variables and clashes are refused, each by name", () => {
    const problems = configKeyProblems([
      "port",
      "DatabaseUrl",
      "otelEndpoint",
      "apiKey",
      "aPIKey",
      "log",
      "logFile",
      "hostFile",
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^configuration key port: its variable PORT has a meaning/),
      expect.stringMatching(/^configuration key "DatabaseUrl": expected camelCase/),
      expect.stringMatching(/otelEndpoint: its variable OTEL_ENDPOINT/),
      expect.stringMatching(/keys log and logFile both use the variable LOG_FILE/),
      expect.stringMatching(/hostFile: its variable HOST_FILE/),
    ]);
  });

  test("ordinary keys pass", () => {
    expect(configKeyProblems(["databaseUrl", "apiKeyPepper", "redisUrl", "portRange", "hostName"])).toEqual([]);
  });
});
