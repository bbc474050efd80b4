import { afterEach, describe, expect, test } from "vitest";
import { json } from "../testing/ask.ts";
import { endPrograms, startProgram } from "../testing/program.ts";

const apiKey = "canary-key-1234";
const environment = { API_KEY: apiKey, LOG_LEVEL: "debug" };

afterEach(endPrograms);

describe("configuration", () => {
  test("every problem of configuration and environment is one log line, and the exit code is 78", async () => {
    const program = startProgram("echo", {
      API_KEY: "canary1",
      OTHER_URL: "ftp://user:canary2@x",
      PORT: "x",
      LOG_LEVEL: "loud",
    });
    expect(await program.exit).toEqual({ code: 78, signal: null });
    expect(program.lines).toHaveLength(1);
    expect(program.lines[0]).toMatchObject({ level: "fatal", code: "E_CONFIG", service: "echo" });
    expect(program.lines[0]?.["problems"]).toMatchObject([
      { key: "port", variable: "PORT", expected: "an integer from 0 to 65535", got: '"x", which is not JSON' },
      { key: "logLevel", variable: "LOG_LEVEL" },
      { key: "apiKey", variable: "API_KEY", expected: "a secret of at least 8 characters" },
      { key: "otherUrl", variable: "OTHER_URL", expected: "an HTTP URL (http://host:port)" },
    ]);
    expect(program.output()).not.toMatch(/canary|\n\s+at /);
  });

  test("a taken port is named, and the exit code is 1", async () => {
    const first = startProgram("echo", environment);
    const port = new URL(await first.publicUrl()).port;
    const second = startProgram("echo", { ...environment, PORT: port });
    expect(await second.exit).toMatchObject({ code: 1 });
    expect(second.lines.at(-1)).toMatchObject({
      level: "fatal",
      code: "E_LISTEN",
      msg: `cannot listen on 127.0.0.1:${port}: another program listens there`,
    });
  });

  test("two replicas share a port when they are told to", async () => {
    const first = startProgram("echo", { ...environment, REUSE_PORT: "1" });
    const url = await first.publicUrl();
    const second = startProgram("echo", {
      ...environment,
      REUSE_PORT: "1",
      PORT: new URL(url).port,
      CAISSON_REPLICA: "2",
    });
    expect(await second.publicUrl()).toBe(url);
    expect(second.lines[0]).toMatchObject({ replica: "2" });
  });
});

describe("the end", () => {
  test("the first signal drains and exits with 0", async () => {
    const program = startProgram("echo", environment);
    const url = await program.publicUrl();
    const slow = fetch(`${url}/slow/400`);
    const management = await program.managementUrl();
    await program.line(({ msg }) => msg === "ready");
    await untilBusy(management);
    program.kill("SIGTERM");
    await program.line(({ msg }) => msg === "draining");
    expect(await json(fetch(`${management}/health/ready`))).toMatchObject({
      status: 503,
      body: { reasons: [{ name: "draining" }] },
    });
    await expect(fetch(`${url}/greet/x`)).rejects.toThrow("fetch failed");
    const answer = await slow;
    expect(answer.headers.get("connection")).toBe("close");
    expect(await answer.json()).toEqual({ slept: 400 });
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.lines.map(({ msg }) => msg).slice(-3)).toEqual(["draining", "drain function ran", "drained"]);
  });

  test("the second signal ends it at once with 1", async () => {
    const program = startProgram("echo", environment);
    const slow = fetch(`${await program.publicUrl()}/slow/60000`).catch(() => "cut off");
    await untilBusy(await program.managementUrl());
    program.kill("SIGTERM");
    await program.line(({ msg }) => msg === "draining");
    program.kill("SIGTERM");
    expect(await program.exit).toEqual({ code: 1, signal: null });
    expect(await slow).toBe("cut off");
  });
});

/** A request that is in hand is not counted yet, but its handle is active. */
async function untilBusy(management: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${management}/metrics`)).text();
    if (/nodejs_active_resources\{type="TCPSocketWrap"\} [2-9]/.test(text)) return;
  }
}
