import { defineProgram, Type } from "@caisson/core";
import { expect, test } from "vitest";
import { openApi } from "./openapi.ts";
import type { Route } from "./route.ts";

const program = defineProgram(import.meta, "t", { config: Type.Object({}), http: { port: 1 } });

test("a parameter with a default may be left out; a body that the handler reads itself is described by its media type", () => {
  const query = Type.Object({
    must: Type.String(),
    may: Type.Optional(Type.String()),
    ten: Type.Integer({ default: 10 }),
  });
  const body = Type.Array(Type.String());
  const route: Route = {
    method: "POST",
    path: "/a",
    options: { guard: "public", schema: { query }, ownBody: { "application/x-list": body } },
  };
  const document = openApi(program, [route]) as { paths: { "/a": { post: Record<string, unknown> } } };
  const { parameters, requestBody } = document.paths["/a"].post;
  expect(parameters).toMatchObject([
    { name: "must", required: true },
    { name: "may", required: false },
    { name: "ten", required: false, schema: { default: 10 } },
  ]);
  expect(requestBody).toEqual({ required: true, content: { "application/x-list": { schema: body } } });
});
