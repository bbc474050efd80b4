import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { defineProgram } from "../../model/define-program.ts";
import { planned } from "../../model/planned.ts";
import type { Resource } from "../../model/resource.ts";
import { service, type Service } from "../../model/service.ts";
import { nginx } from "../nginx.ts";
import { textOf } from "../testing/in-container.ts";
import { traefik } from "../traefik.ts";

const program = (name: string, port: number): Service =>
  service(defineProgram({ url: "file:///stack/contract.ts" }, name, { config: Type.Object({}), http: { port } }), {
    config: {},
  });
const [pages, api] = [program("pages", 3000), program("api", 8000)];

const edges: Readonly<Record<string, (to: Service) => Resource>> = {
  nginx: (to) => nginx("edge", { routes: { "/": pages, "/v1/": { to, cache: "no-store" } } }),
  traefik: (to) => traefik("edge", { routes: { app: { to: pages }, api: { path: "/v1", to, cache: "no-store" } } }),
};

describe.each(Object.entries(edges))("%s", (_, edgeTo) => {
  it("leads to a service by itself, and leaves out a route to what is planned until that is there", () => {
    const said = (to: Service): string => {
      const edge = edgeTo(to);
      return edge.files.map(({ content }) => textOf(content, [edge, pages, to])).join("");
    };
    expect(said(api)).toMatch(/\bapi:8000\b/);
    expect(said(api)).toContain("/v1");
    const later = said(planned(api, "no program yet"));
    expect(later).toMatch(/\bpages:3000\b/);
    expect(later).not.toMatch(/\bapi:8000\b|\/v1/);
  });
});
