import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { newerTag } from "../scripts/versions/newer-tag.ts";
import { refresh } from "../scripts/versions/refresh.ts";
import { repositoryOf, type Repository } from "../scripts/versions/registry.ts";

const digest = `sha256:${"ab".repeat(32)}`;

/** A registry that speaks the distribution API: a token for anyone, one repository, tags in two pages. */
async function registry(): Promise<(name: string) => Repository> {
  const server = createServer((request, response) => {
    const { host = "" } = request.headers;
    const url = new URL(request.url ?? "/", `http://${host}`);
    const answer = (status: number, headers: Record<string, string>, body?: unknown): void => {
      response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (url.pathname === "/token") return answer(200, {}, { token: url.searchParams.get("scope") });
    if (request.headers.authorization !== "Bearer repository:library/thing:pull") {
      const scope = url.pathname.replace(/^\/v2\/(.*)\/(?:manifests|tags)\/.*$/, "repository:$1:pull");
      return answer(401, { "www-authenticate": `Bearer realm="http://${host}/token",service="s",scope="${scope}"` });
    }
    if (url.pathname === "/v2/library/thing/manifests/1.2.3") {
      return answer(200, { "docker-content-digest": digest });
    }
    if (url.pathname !== "/v2/library/thing/tags/list") return answer(404, {});
    if (url.searchParams.get("last") === "1.2.3") return answer(200, {}, { tags: ["1.2.10", "1.3.0", "2.0.0"] });
    return answer(200, { link: '</v2/library/thing/tags/list?last=1.2.3&n=1000>; rel="next"' }, { tags: ["1.2.3"] });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => new Promise((closed) => server.close(() => closed())));
  const { port } = server.address() as AddressInfo;
  return (image) => ({ ...repositoryOf(image), origin: `http://127.0.0.1:${port}` });
}

const row = { image: "thing", tag: "1.2.3", digest: null };

describe("the refresh of versions.json", () => {
  test("takes the digest of each tag, and tells the newest of its line", async () => {
    const { file, said, failed } = await refresh({ parts: { thing: { releases: { "1.2": row } } } }, await registry());
    expect(file.parts["thing"]?.releases["1.2"]).toEqual({ ...row, digest });
    expect(said.map((each) => each.replace(/\(E[A-Z_]+\)$/, "(CODE)"))).toEqual([
      `thing 1.2 (thing:1.2.3): digest ${digest}; newer: 1.2.10`,
    ]);
    expect(failed).toBe(0);
  });

  test("leaves what its registry does not have as it was, and says so", async () => {
    const absent = { ...row, tag: "9.9.9" };
    const { file, said, failed } = await refresh({ parts: { thing: { releases: { "9": absent } } } }, await registry());
    expect(file.parts["thing"]?.releases["9"]).toEqual(absent);
    expect(said[0]).toMatch(/^thing 9 \(thing:9\.9\.9\): http.*\/v2\/library\/thing\/manifests\/9\.9\.9 answered 404$/);
    expect(failed).toBe(1);
  });

  test("says of every release that its registry cannot be reached, and asks it once", async () => {
    const origin = "https://registry.invalid";
    const { said, failed } = await refresh({ parts: { thing: { releases: { "1": row, "2": row } } } }, (image) => ({
      ...repositoryOf(image),
      origin,
    }));
    expect(said.map((each) => each.replace(/\(E[A-Z_]+\)$/, "(CODE)"))).toEqual(
      ["1", "2"].map((line) => `thing ${line} (thing:1.2.3): ${origin} cannot be reached (CODE)`),
    );
    expect(failed).toBe(2);
  });
});

test.each([
  ["postgres", "https://registry-1.docker.io", "library/postgres"],
  ["grafana/loki", "https://registry-1.docker.io", "grafana/loki"],
  ["quay.io/prometheus/node-exporter", "https://quay.io", "prometheus/node-exporter"],
])("%s is fetched from %s as %s", (image, origin, name) => {
  expect(repositoryOf(image)).toEqual({ origin, name });
});

test.each([
  ["18.6-trixie", "18", ["18.6-trixie", "18.7-trixie", "18.10-trixie", "19.0-trixie", "18.11-alpine"], "18.10-trixie"],
  ["0.8.6-pg18-trixie", "18", ["0.8.7-pg17-trixie", "0.9.0-pg18-trixie", "0.8.6-pg18-trixie"], "0.9.0-pg18-trixie"],
  ["v3.13.4", "3.13", ["v3.14.0", "v3.13.4", "v3.13.5-rc.0"], undefined],
])("newer than %s of line %s in %j: %s", (tag, line, tags, expected) => {
  expect(newerTag(tag, line, tags)).toBe(expected);
});
