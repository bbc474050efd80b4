import { defineProgram, defineStack, HttpUrl, pod, resolveStack, service, Type } from "@caisson/core";
import { expect, test } from "vitest";
import { edgesBetween } from "./why.ts";

const here = { url: "file:///app/contract.ts" };
const users = service(defineProgram(here, "users", { config: Type.Object({}), http: { port: 8001 } }), { config: {} });
const gateway = defineProgram(here, "gateway", { config: Type.Object({ usersUrl: HttpUrl }), http: { port: 8000 } });
const pages = defineProgram(here, "pages", { config: Type.Object({ apiUrl: HttpUrl }) });

test("a reference is told of what is shown: of a pod where it runs, of its member where that does", () => {
  const entry = service(gateway, { config: { usersUrl: users.url } });
  const front = service(pages, { config: { apiUrl: entry.url } });
  const stack = resolveStack(defineStack("shop", [pod("core", [users, entry]), pod("front", [front])]));
  const told = (shown: Parameters<typeof edgesBetween>[0]): string[] =>
    edgesBetween(shown, stack).map(({ from, to, why }) => `${from} ${to} ${why}`);
  expect(told([{ members: ["users", "gateway"] }, { members: ["pages"] }])).toEqual(["front core pages/config/apiUrl"]);
  expect(told([{}, {}, {}])).toEqual(["gateway users config/usersUrl", "pages gateway config/apiUrl"]);
});
