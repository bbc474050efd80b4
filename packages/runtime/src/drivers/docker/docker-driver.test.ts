import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, test } from "vitest";
import { driverConformance } from "../conformance.ts";
import { dockerDriver } from "./docker-driver.ts";
import { label } from "./labels.ts";
import { testContainer, testEngine } from "./testing/engine.ts";

const engine = await testEngine();

describe.skipIf(engine.missing !== "")(`on a Docker Engine${engine.missing && ` (skipped: ${engine.missing})`}`, () => {
  const { docker } = engine;
  const container = testContainer(`conformance-${process.pid}`);
  const script = (body: string): readonly string[] => ["sh", "-c", body];

  driverConformance("docker", {
    open: () => dockerDriver(docker),
    container,
    argv: {
      // The shell waits for its child, so a trap runs at once.
      serve: script("trap 'exit 0' TERM; echo settled; sleep 600 & wait"),
      ignoreSignals: script("trap '' TERM INT QUIT; echo settled; while :; do sleep 1; done"),
      exit: (code) => script(`exit ${code}`),
      missing: ["/no/such/program"],
    },
    async settled({ logFile }) {
      const before = counted.get(logFile) ?? 0;
      while (count(logFile) <= before) await delay(5);
      counted.set(logFile, count(logFile));
    },
  });

  afterAll(async () => {
    const left = await docker.listContainers({
      all: true,
      filters: { label: [`${label.instance}=conformance-${process.pid}`] },
    });
    for (const { Id } of left) await docker.getContainer(Id).remove({ force: true });
  });
});

test.runIf(engine.missing !== "")(`there is no Docker Engine to test: ${engine.missing}`, ({ skip }) => skip());

const counted = new Map<string, number>();

function count(file: string): number {
  return readFileSync(file, { encoding: "utf8", flag: "a+" }).split("settled\n").length - 1;
}
