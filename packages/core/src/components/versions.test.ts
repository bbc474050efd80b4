import { readdirSync } from "node:fs";
import { Type } from "typebox";
import { Errors } from "typebox/value";
import { describe, expect, it } from "vitest";
import versions from "./versions.json" with { type: "json" };
import { goneImage, imageReference, linesOf, partNames, postgresReleases, release } from "./versions.ts";

const date = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });
const text = Type.String({ minLength: 1 });
const row = Type.Object(
  {
    image: Type.String({ pattern: "^[a-z0-9./_-]+$" }),
    // No tag that moves.
    tag: Type.String({ pattern: "^(?!latest|stable|edge)[A-Za-z0-9._-]*\\d[A-Za-z0-9._-]*$" }),
    digest: Type.Union([Type.Null(), Type.String({ pattern: "^sha256:[0-9a-f]{64}$" })]),
    endOfLife: Type.Union([Type.Null(), date]),
    licence: text,
    unverified: Type.Optional(text),
    extensions: Type.Optional(Type.Array(text)),
  },
  { additionalProperties: false },
);
const file = Type.Object(
  {
    asOf: date,
    contrib: Type.Array(text),
    parts: Type.Record(
      Type.String({ pattern: "^[a-z0-9-]+$" }),
      Type.Object({ default: text, releases: Type.Record(text, row) }),
    ),
    gone: Type.Array(Type.Object({ name: text, images: Type.Array(text), since: date, successor: text })),
  },
  { additionalProperties: false },
);

describe("versions.json", () => {
  it("has the declared form", () => {
    expect(Errors(file, versions)).toEqual([]);
    expect(Errors(file, { ...versions, asOf: "today" })).toHaveLength(1);
  });

  it("has a default line of every part, maintained on the day of its facts unless a warning is meant", () => {
    const dead = partNames.filter((part) => (release(part).endOfLife ?? "9999") <= versions.asOf);
    expect(dead).toEqual(["minio"]);
    for (const part of partNames) expect(linesOf(part)[0]).toBe(release(part).line);
  });

  it("has the part of every stand-in that can be built", () => {
    const folder = new URL("../../../../images/", import.meta.url);
    const names = readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
      each.isDirectory() ? [each.name] : [],
    );
    expect(names).not.toEqual([]);
    for (const name of names) expect(partNames).toContain(name);
  });

  it("names a successor that can be had for everything that cannot", () => {
    for (const { successor } of versions.gone) expect([...partNames, "s3"]).toContain(successor);
  });
});

describe("a release", () => {
  it("is the default line, or the one asked for", () => {
    expect(release("postgres")).toEqual({
      part: "postgres",
      line: "18",
      image: "postgres",
      tag: "18.6-trixie",
      endOfLife: "2030-11-14",
      licence: "PostgreSQL",
    });
    expect(imageReference(release("mosquitto", "2.0"))).toBe("eclipse-mosquitto:2.0.22");
    expect(imageReference({ image: "a", tag: "1", digest: "sha256:00" })).toBe("a:1@sha256:00");
  });

  it("is refused where the catalogue has no such line, with those it has", () => {
    expect(() => release("postgres", "14")).toThrow(
      'expected postgres 18 or 15 or 16 or 17, which the catalogue has, got "14"',
    );
  });

  it("of PostgreSQL tells which extensions its image has", () => {
    const having = (name: string): string[] =>
      postgresReleases(18)
        .filter(({ extensions }) => extensions.includes(name))
        .map(({ image }) => image);
    expect(having("pgcrypto")).toEqual(["postgres", "pgvector/pgvector", "timescale/timescaledb"]);
    expect(having("vector")).toEqual(["pgvector/pgvector", "timescale/timescaledb"]);
    expect(having("timescaledb")).toEqual(["timescale/timescaledb"]);
  });
});

describe("an image nobody maintains", () => {
  it.each([
    ["grafana/promtail:2.9.3", "alloy"],
    ["docker.io/grafana/promtail", "alloy"],
    ["jaegertracing/all-in-one:1.51", "jaeger"],
    ["minio/minio:latest@sha256:00", "s3"],
    ["traefik:2.10", "traefik"],
    ["traefik:v2", "traefik"],
  ])("%s is gone; %s took its place", (image, successor) => {
    expect(goneImage(image)?.successor).toBe(successor);
  });

  it.each(["traefik:v3.7.13", "traefik:20", "jaegertracing/jaeger:2.20.0", "me/promtail:1"])("%s is not", (image) => {
    expect(goneImage(image)).toBeUndefined();
  });
});
