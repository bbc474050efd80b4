import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { defineStack } from "../model/stack.ts";
import { noParamSources, resolveParams, type ParamSources } from "./params.ts";

const definition = defineStack(
  "shop",
  {
    params: Type.Object({
      publicPort: Type.Integer({ minimum: 1, maximum: 65_535, default: 8080 }),
      domain: Type.String(),
      tags: Type.Optional(Type.Array(Type.String())),
      level: Type.Union([Type.Literal("info"), Type.Literal("debug")], { default: "info" }),
    }),
    environments: { dev: { domain: "localhost" }, prod: { publicPort: 443 } },
  },
  () => [],
);

const resolve = (sources: Partial<ParamSources> = {}, environment = "dev") =>
  resolveParams(definition, environment, { ...noParamSources, ...sources });

describe("parameters", () => {
  it("come from the strongest source that has them: --set, environment, .env, the environment's value, the default", () => {
    const set = { publicPort: "1" };
    const env = { PUBLIC_PORT: "2" };
    const dotenv = { PUBLIC_PORT: "3" };
    const port = (sources: Partial<ParamSources>, environment = "prod") =>
      resolve({ ...sources, set: { domain: "x", ...sources.set } }, environment).params["publicPort"];
    expect(port({ set, env, dotenv })).toBe(1);
    expect(port({ env, dotenv })).toBe(2);
    expect(port({ dotenv })).toBe(3);
    expect(port({})).toBe(443);
    expect(port({}, "dev")).toBe(8080);
  });

  it("are typed values, whatever the text they came as", () => {
    const { params, problems } = resolve({ set: { tags: '["a","b"]', domain: "true", level: "debug" } });
    expect(problems).toEqual([]);
    expect(params).toEqual({ publicPort: 8080, domain: "true", tags: ["a", "b"], level: "debug" });
  });

  it("that are missing, unknown or wrong are reported all at once, with where they came from", () => {
    const sources = { set: { publicPrt: "1", tags: "a,b" }, env: { PUBLIC_PORT: "70000" }, dotenv: { LEVEL: "loud" } };
    expect(resolve(sources, "prod").problems).toMatchInlineSnapshot(`
      [
        {
          "code": "E_PARAM",
          "message": "--set names an unknown parameter; did you mean publicPort? (known: publicPort, domain, tags, level)",
          "path": "shop/params/publicPrt",
        },
        {
          "code": "E_PARAM",
          "message": "expected integer >= 1 and <= 65535, got "70000" from environment variable PUBLIC_PORT",
          "path": "shop/params/publicPort",
        },
        {
          "code": "E_PARAM",
          "message": "is missing: expected string from --set domain=..., DOMAIN or the environment's value",
          "path": "shop/params/domain",
        },
        {
          "code": "E_PARAM",
          "message": "expected array, got "a,b" from --set",
          "path": "shop/params/tags",
        },
        {
          "code": "E_PARAM",
          "message": "expected one of "info", "debug", got "loud" from .env (LEVEL)",
          "path": "shop/params/level",
        },
      ]
    `);
  });

  it("of the environment that nobody declared are a problem, variables of the shell are not", () => {
    const odd = defineStack(
      "shop",
      { params: Type.Object({}), environments: { dev: { extra: 1 } as object } },
      () => [],
    );
    const { problems } = resolveParams(odd, "dev", {
      ...noParamSources,
      env: { PATH: "/bin" },
      dotenv: { OTHER: "1" },
    });
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "shop/params/extra: environment dev names an unknown parameter (the stack has no parameters)",
    ]);
  });

  it("named as something every object has are unknown too", () => {
    expect(resolve({ set: { toString: "1" } }).problems).toHaveLength(1);
  });

  it("without a value and without need of one are left out", () => {
    expect(Object.hasOwn(resolve().params, "tags")).toBe(false);
  });
});
