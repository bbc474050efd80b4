import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { driverConformance } from "../conformance.ts";
import { processDriver } from "./process-driver.ts";

const script = (body: string): readonly string[] => [
  process.execPath,
  "-e",
  `${body}; setInterval(() => {}, 1000); console.log("settled")`,
];

driverConformance("process", {
  open: processDriver,
  argv: {
    serve: script('process.on("SIGTERM", () => process.exit(0))'),
    ignoreSignals: script('for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"]) process.on(name, () => {})'),
    exit: (code) => [process.execPath, "-e", `process.exit(${code})`],
    missing: ["/no/such/program"],
  },
  async settled({ logFile }) {
    // Each run of a test appends to the same log; a line more means that this one is ready for signals.
    const before = counted.get(logFile) ?? 0;
    while (count(logFile) <= before) await delay(5);
    counted.set(logFile, count(logFile));
  },
});

const counted = new Map<string, number>();

function count(file: string): number {
  return readFileSync(file, "utf8").split("settled\n").length - 1;
}
