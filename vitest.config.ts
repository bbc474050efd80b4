import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "stacks/**/*.test.ts", "test/**/*.test.ts"],
    // Real processes and databases on small machines: generous, and no retries that would hide a race.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    retry: 0,
    pool: "forks",
    // Tests wait for processes more than they compute: one worker, what vitest takes on two cores, leaves a core idle.
    maxWorkers: 2,
  },
});
