import { expect, test } from "vitest";
import { parse } from "yaml";
import { asValue } from "../model/value.ts";
import { textOf } from "./testing/in-container.ts";
import { traefik, type TraefikOptions } from "./traefik.ts";

/** Where HTTP leads, and where the only route is to be found. */
function waysIn(acme?: TraefikOptions["acme"]): unknown {
  const to = asValue<"http-url">("http://web:3000");
  const edge = traefik("edge", { routes: { app: { host: "example.org", to } }, ...(acme && { acme }) });
  const file = (name: string): unknown => {
    const found = edge.files.find((each) => each.name === name);
    return found && parse(textOf(found.content, [edge]));
  };
  const { entryPoints } = file("traefik.yml") as { entryPoints: { web: { http?: { redirections: unknown } } } };
  const { http } = file("routes.yml") as { http: { routers: { app: { entryPoints: readonly string[] } } } };
  return { http: entryPoints.web.http?.redirections, app: http.routers.app.entryPoints };
}

test("HTTP serves what there is without certificates, leads to HTTPS with them, and serves too where asked", () => {
  const email = "ops@example.org";
  expect(waysIn()).toEqual({ http: undefined, app: ["web"] });
  expect(waysIn({ email })).toEqual({
    http: { entryPoint: { to: ":443", scheme: "https", permanent: true } },
    app: ["websecure"],
  });
  expect(waysIn({ email, plainToo: true })).toEqual({ http: undefined, app: ["websecure", "web"] });
});
