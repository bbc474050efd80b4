import { expect, it } from "vitest";
import { counter, gauge, histogram } from "../model/metric.ts";
import { buckets, counts, level, matches, quantile, rate, sum } from "./build.ts";

const requests = counter("http_requests_total", ["route", "status"]);
const seconds = histogram("http_request_duration_seconds", ["route"]);
const queue = gauge("queue_length");

it("cannot be written where it could never answer", () => {
  const written = [
    sum(rate(counts(requests), "5m"), ["route", "resource"]),
    level(queue, { resource: "api" }),
    quantile(0.9, seconds, "5m", { by: ["route"], where: { route: matches("/api/.*") } }),
    // @ts-expect-error a gauge has no rate
    rate(level(queue), "5m"),
    // @ts-expect-error the metric has no label host
    sum(rate(counts(requests), "5m"), ["host"]),
    // @ts-expect-error the metric has no label host
    counts(requests, { host: "a" }),
    // @ts-expect-error a counter is not a level
    level(requests),
    // @ts-expect-error what was summed by route has no status any more
    sum(sum(rate(counts(requests), "5m"), ["route"]), ["status"]),
    // @ts-expect-error only a histogram has buckets
    buckets(requests),
    // @ts-expect-error the histogram has no label status
    quantile(0.9, seconds, "5m", { by: ["status"] }),
  ];
  expect(written).toHaveLength(10);
});
