import { expect, test } from "vitest";
import { s3, type S3Options } from "./s3.ts";

const problems = (options: Partial<S3Options<"api">>) =>
  s3("store", { buckets: {}, users: {} as never, ...options }).resources[0]?.problems.map(
    ({ code, path, message }) => `${code} ${path}: ${message}`,
  );

test("what an engine does not do is refused, with what to do instead", () => {
  expect(problems({ buckets: { kept: { versioning: true, expireDays: 7 } } })).toEqual([
    expect.stringMatching(/^E_VALUE store\/buckets\/kept\/expireDays: .*use two buckets$/),
  ]);
  expect(
    problems({ engine: "minio", buckets: { site: { anonymousRead: true } }, users: { api: { site: "read" } } }),
  ).toEqual([
    expect.stringMatching(/^E_NOT_IMPLEMENTED store\/users: keys of minio .*`mc admin user add`/),
    expect.stringMatching(/^E_NOT_IMPLEMENTED store\/buckets\/site\/anonymousRead: .*`mc anonymous set download`/),
  ]);
  expect(
    problems({ engine: "garage", buckets: { site: { versioning: true } }, users: { api: { site: "read" } } }),
  ).toEqual([
    expect.stringMatching(/^E_NOT_IMPLEMENTED store\/users: keys of garage .*`garage key create`/),
    expect.stringMatching(/^E_NOT_IMPLEMENTED store\/buckets: buckets of garage .*`garage bucket create`/),
    expect.stringMatching(/^E_VALUE store\/buckets\/site\/versioning: .*Garage does not have/),
  ]);
});

test("a prefix is plain text of a name: a wildcard or a quote would say something else in a policy", () => {
  for (const prefix of ["", "a*", "a?", "a$b", "it's/", 'a"'])
    expect(problems({ buckets: { site: { anonymousRead: [prefix] } } })).toEqual([
      expect.stringMatching(/^E_VALUE store\/buckets\/site\/anonymousRead: expected prefixes/),
    ]);
  expect(problems({ buckets: { site: { anonymousRead: ["img/v1.2_a-b/"] } } })).toEqual([]);
});
