import { afterEach, expect, test } from "vitest";
import { endPrograms, startProgram } from "../testing/program.ts";

const environment = { TOKEN: "canary-token" };

afterEach(endPrograms);

test("a job that is done exits with 0 and opens no listener", async () => {
  const job = startProgram("job", environment, ["--from", "file.csv"]);
  expect(await job.exit).toEqual({ code: 0, signal: null });
  expect(job.lines.map(({ msg }) => msg)).toEqual(["working"]);
  expect(job.lines[0]).toMatchObject({ args: ["--from", "file.csv"], service: "job", trace_id: expect.any(String) });
});

test("where it is told to, a job opens the management listener", async () => {
  const job = startProgram("job", { ...environment, MANAGEMENT_PORT: "0" }, ["wait"]);
  const management = await job.managementUrl();
  expect((await fetch(`${management}/health/live`)).status).toBe(200);
  expect((await fetch(`${management}/metrics`)).status).toBe(200);
});

test.each([
  ["bug", { level: "fatal", msg: "no access with [redacted]", err: { stack: expect.stringContaining("job.ts") } }],
  ["mistake", { level: "fatal", msg: "expected a date, got tomorrow", code: "E_VALUE", hint: expect.any(String) }],
  ["never", { level: "fatal", msg: expect.stringMatching(/^job waits for something that can never come/) }],
  ["uncaught", { level: "fatal", msg: "uncaught with [redacted]" }],
])("a job that fails (%s) exits with 1 and one log line, without secrets", async (what, line) => {
  const job = startProgram("job", environment, [what]);
  expect(await job.exit).toEqual({ code: 1, signal: null });
  expect(job.lines.slice(1)).toMatchObject([line]);
  expect(job.output()).not.toContain("canary");
});

test("a job that is asked to stop is told by its signal; a second signal ends it at once", async () => {
  const polite = startProgram("job", environment, ["wait"]);
  await polite.line(({ msg }) => msg === "working");
  polite.kill("SIGTERM");
  expect(await polite.exit).toEqual({ code: 1, signal: null });
  expect(polite.lines.at(-1)).toMatchObject({ level: "fatal", msg: "This operation was aborted" });

  const deaf = startProgram("job", environment, ["deaf"]);
  await deaf.line(({ msg }) => msg === "working");
  deaf.kill("SIGTERM");
  await deaf.line(({ msg }) => msg === "asked to stop");
  deaf.kill("SIGTERM");
  expect(await deaf.exit).toEqual({ code: 1, signal: null });
});
