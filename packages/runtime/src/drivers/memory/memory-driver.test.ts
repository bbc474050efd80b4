import { driverConformance } from "../conformance.ts";
import { memoryDriver, memoryHost } from "./memory-driver.ts";

const host = memoryHost();

driverConformance("memory", {
  open: () => memoryDriver(host),
  argv: {
    serve: ["serve"],
    ignoreSignals: ["ignore-signals"],
    exit: (code) => ["exit", String(code)],
    missing: ["missing"],
  },
  settled: () => Promise.resolve(),
});
