import { afterEach, beforeEach, expect, test } from "vitest";
import { probe } from "./probe.ts";
import type { ProbeSpec } from "./probe-spec.ts";
import { host, startServers, type Servers } from "./testing/servers.ts";

let servers: Servers;
beforeEach(() => {
  servers = startServers();
});
afterEach(() => servers.close());

const kafka = (port: number): ProbeSpec => ({ kind: "kafka", host, port });

/** Length, correlation id, error code, no requests. */
function answer(correlation: number, error: number): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10, 0);
  bytes.writeInt32BE(correlation, 4);
  bytes.writeInt16BE(error, 8);
  return bytes;
}

// The form of Kafka's own protocol guide; a real broker answers in the tests on its official image.
test("an answer to ApiVersions with our number and no error is ready, and nothing else is", async () => {
  expect(await probe(kafka(await servers.answering([answer(0x0ca1_5501, 0)])))).toMatchObject({
    ok: true,
    detail: "answered ApiVersions",
  });
  const [first, second] = [answer(0x0ca1_5501, 0).subarray(0, 6), answer(0x0ca1_5501, 0).subarray(6)];
  expect(await probe(kafka(await servers.answering([first, second])))).toMatchObject({ ok: true });
  expect(await probe(kafka(await servers.answering([answer(0x0ca1_5501, 35)])))).toMatchObject({
    ok: false,
    detail: "refused with error 35",
  });
  expect(await probe(kafka(await servers.answering([answer(7, 0)])))).toMatchObject({
    ok: false,
    detail: "answered, but not as Kafka does",
  });
  expect(await probe(kafka(await servers.silent()), { timeoutMs: 150 })).toMatchObject({
    ok: false,
    detail: "no answer within 150 ms",
  });
});
