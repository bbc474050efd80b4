import { expect, it } from "vitest";
import { postgres } from "../components/postgres.ts";
import { s3 } from "../components/s3/s3.ts";
import { endOfLifeWarnings } from "./end-of-life.ts";

it("warns of what nobody maintains any more on that day, and of nothing before", () => {
  const { resources } = s3("objects", { engine: "minio", buckets: {}, users: {} });
  const all = [postgres("db", { version: 15 }), ...resources];
  expect(endOfLifeWarnings(all, "2026-02-12")).toEqual([]);
  expect(endOfLifeWarnings(all, "2026-11-26")).toEqual([
    "objects: minio/minio:RELEASE.2025-09-07T16-13-09Z is past its end of life since 2026-02-12; nobody mends it any more",
  ]);
  expect(endOfLifeWarnings(all, "2040-01-01")).toHaveLength(2);
});
