import { defineStack, resolveStack, Type } from "@caisson/core";
import { readDotenv } from "@caisson/runtime";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../testing/temp-folder.ts";
import { envExample } from "./env-example.ts";

const params = Type.Object({
  domain: Type.String({ description: "where people find it" }),
  publicPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 8000 }),
  logLevel: Type.Union([Type.Literal("info"), Type.Literal("debug")], { default: "info" }),
  greeting: Type.String({ default: "it's a #1 day" }),
  tags: Type.Array(Type.String(), { default: ["a", "b c"] }),
  note: Type.Optional(Type.String({ minLength: 3 })),
});
const stack = defineStack("shop", { params, environments: { dev: {}, prod: { publicPort: 443 } } }, () => []);

test("the template names every parameter with its meaning, type and default", () => {
  expect(envExample(stack, "prod")).toMatchInlineSnapshot(`
    "# Parameters of the stack shop, environment prod. Copy to .env beside the stack file, or pass with --env-file.
    # --set and environment variables are stronger. Secrets do not belong here: \`caisson secret set NAME\`.

    # domain: where people find it; string
    # no default: has to be set
    DOMAIN=

    # publicPort: integer, 1 to 65535
    # set by environment prod
    #PUBLIC_PORT=443

    # logLevel: one of "info", "debug"
    # default
    #LOG_LEVEL=info

    # greeting: string
    # default
    #GREETING="it's a #1 day"

    # tags: array
    # default
    #TAGS='["a","b c"]'

    # note: string, at least 3 characters
    # may be left out
    #NOTE=
    "
  `);
});

test("filled in and uncommented it gives the stack what it has without", () => {
  const file = join(tempFolder(), ".env");
  writeFileSync(
    file,
    envExample(stack, "dev")
      .replaceAll(/^#(?=[A-Z_]+=.)/gm, "")
      .replace("DOMAIN=", "DOMAIN=example.org"),
  );
  const dotenv = readDotenv(file);
  expect(resolveStack(stack, { params: { set: {}, env: {}, dotenv } }).params).toEqual({
    domain: "example.org",
    publicPort: 8000,
    logLevel: "info",
    greeting: "it's a #1 day",
    tags: ["a", "b c"],
  });
});
