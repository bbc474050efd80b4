import { describe, expect, test } from "vitest";
import { renderedBundle, withoutCompose } from "./testing/bundle.ts";
import { dockerStack, withoutEngine } from "./testing/docker-stack.ts";

const missing = await withoutEngine();
const lacking = missing || (await withoutCompose());

/**
 * What the images that can be had without a registry make of each described stack; the rest is named in the test's output.
 * Of dyocense nothing can be had: its store wants TimescaleDB. usage-tracking has a test of its own.
 */
const expected = {
  "bi-agent": ["cache", "prometheus", "redis"],
  taylordash: ["mosquitto", "postgres"],
  dreamscape: ["alertmanager", "node-exporter", "postgres", "prometheus", "redis"],
} as const;

/** Secrets that people supply, by stack; who is told of alerts here is told of none. */
const supplied: Readonly<Record<string, readonly string[]>> = {
  dreamscape: ["smtp-password", "slack-webhook", "pagerduty-key"],
};

describe.skipIf(missing !== "")(`on a Docker Engine${missing && ` (skipped: ${missing})`}`, () => {
  test.each(Object.entries(expected))(
    "%s: what has an image here is ready, comes back from a kill, and goes without a trace",
    { timeout: 400_000 },
    async (name, services) => {
      await using stack = await dockerStack(name);
      await stack.run("build");
      for (const secret of supplied[name] ?? [])
        await stack.run("secret", "set", secret, "--from-file", import.meta.filename);
      const unavailable = await stack.unavailable();
      for (const [resource, why] of unavailable) console.log(`${name}/${resource}: ${why}`);
      const without = [...unavailable.keys()].flatMap((resource) => ["--without", resource]);
      await stack.run("up", "--wait", "--target", "docker", ...without);
      const before = await stack.containers();
      expect([...before.keys()].toSorted()).toEqual(services);
      for (const id of before.values()) await stack.kill(id);
      await stack.recovered(before);
      await stack.run("down", "-v", "--yes");
      expect(await stack.left()).toEqual([]);
    },
  );
});

test.skipIf(lacking !== "")(
  `the bundle of taylordash starts by docker compose alone: hashes of its broker's passwords, which no shell can make, are exported${lacking && ` (skipped: ${lacking})`}`,
  { timeout: 400_000 },
  async () => {
    await using bundle = await renderedBundle("taylordash", "prod");
    // Healthy: who asks the broker logs in.
    await bundle.compose("up", "--wait", "mosquitto", "postgres");
    await bundle.compose("run", "--rm", "--no-TTY", "postgres-provision");
    await bundle.compose("down", "--volumes");
    expect(await bundle.left()).toEqual([]);
  },
);
