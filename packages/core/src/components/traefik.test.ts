import { expect, test } from "vitest";
import { parse } from "yaml";
import { asValue } from "../model/value.ts";
import { textOf } from "./testing/in-container.ts";
import { traefik, type TraefikOptions } from "./traefik.ts";

/** Where HTTP leads, and where a route and one with a login are to be found. */
function waysIn(acme?: TraefikOptions["acme"]): unknown {
  const to = asValue<"http-url">("http://web:3000");
  const edge = traefik("edge", {
    routes: { app: { host: "example.org", to }, ops: { host: "ops.example.org", to, login: true } },
    users: ["ops"],
    ...(acme && { acme }),
  });
  const file = (name: string): unknown => {
    const found = edge.files.find((each) => each.name === name);
    return found && parse(textOf(found.content, [edge]));
  };
  const { entryPoints } = file("traefik.yml") as { entryPoints: { web: { http?: { redirections: unknown } } } };
  const { http } = file("routes.yml") as {
    http: { routers: Record<"app" | "ops", { entryPoints: readonly string[] }> };
  };
  const { app, ops } = http.routers;
  return { http: entryPoints.web.http?.redirections, app: app.entryPoints, ops: ops.entryPoints };
}

test("HTTP serves what there is without certificates, leads to HTTPS with them, and serves all but logins too where asked", () => {
  const email = "ops@example.org";
  expect(waysIn()).toEqual({ http: undefined, app: ["web"], ops: ["web"] });
  expect(waysIn({ email })).toEqual({
    http: { entryPoint: { to: ":443", scheme: "https", permanent: true } },
    app: ["websecure"],
    ops: ["websecure"],
  });
  expect(waysIn({ email, plainToo: true })).toEqual({ http: undefined, app: ["websecure", "web"], ops: ["websecure"] });
});
