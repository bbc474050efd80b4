import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PodDocument, PodMember } from "@caisson/core/run";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, readProcess } from "../supervisor/proc.ts";
import { freePort } from "../supervisor/testing/real-postgres.ts";
import { until } from "../supervisor/testing/scratch.ts";

const member = join(import.meta.dirname, "fixtures/member.ts");
const timing = { intervalMs: 100, timeoutMs: 1000, failureThreshold: 3, startPeriodMs: 0, startIntervalMs: 100 };
const restart = { policy: "always", delayMs: 200, maxDelayMs: 400, resetAfterMs: 60_000, crashLoopAfter: 3 } as const;

/** A pod's supervisor as its container runs it. */
interface Started {
  /** Its pid. */
  readonly pid: number;
  readonly folder: string;
  /** What it and its members wrote, line by line. */
  readonly lines: readonly string[];
  readonly exit: Promise<number | null>;
  /** Status and body of its readiness. */
  ready(): Promise<readonly [number, unknown]>;
  /** The process id that answers on a member's port. */
  pidOf(name: string): Promise<number>;
}

async function start(members: readonly (Partial<PodMember> & { readonly name: string })[]): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), "caisson-pod-"));
  const ports = new Map<string, number>();
  const whole: PodMember[] = [];
  for (const { env, ...each } of members) {
    const port = await freePort();
    ports.set(each.name, port);
    whole.push({
      argv: [process.execPath, member],
      cwd: join(folder, each.name),
      ready: `http://127.0.0.1:${port}/`,
      timing,
      restart,
      stop: { signal: "SIGTERM", graceMs: 5000 },
      needs: [],
      ...each,
      env: { PORT: String(port), ...env },
    });
  }
  const file = join(folder, "pod.json");
  writeFileSync(file, JSON.stringify({ members: whole } satisfies PodDocument));
  const own = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), file], {
    env: { PATH: process.env["PATH"], MANAGEMENT_HOST: "127.0.0.1", MANAGEMENT_PORT: String(own), SECRET: "its own" },
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", (line) => lines.push(line));
  const exit = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await exit;
    rmSync(folder, { recursive: true });
  });
  return {
    pid: child.pid ?? 0,
    folder,
    lines,
    exit,
    async ready() {
      const answer = await fetch(`http://127.0.0.1:${own}/health/ready`);
      return [answer.status, await answer.json()];
    },
    pidOf: async (name) => Number(await (await fetch(`http://127.0.0.1:${ports.get(name)}/`)).text()),
  };
}

/** The first answer of the pod with this status. */
const untilReady = (pod: Started, wanted = 200): Promise<readonly [number, unknown]> =>
  until(`the pod to answer ${wanted}`, async () => {
    const answer = await pod.ready().catch(() => undefined);
    return answer?.[0] === wanted && answer;
  });

function lives(pid: number): boolean {
  const found = readProcess(pid);
  return found !== undefined && isAlive(found);
}

function childrenIn(lines: readonly string[], name: string): number[] {
  const pattern = new RegExp(`^${name} \\| child (\\d+)$`);
  return lines.flatMap((line) => (pattern.test(line) ? [Number(pattern.exec(line)?.[1])] : []));
}

test("a member that is killed is started again, and until then the pod is not ready", { timeout: 60_000 }, async () => {
  const pod = await start([
    { name: "users" },
    { name: "gateway", needs: [{ resource: "users", condition: "healthy" }] },
  ]);
  expect(await untilReady(pod)).toEqual([200, { ready: true, reasons: [] }]);
  const [users, gateway] = [await pod.pidOf("users"), await pod.pidOf("gateway")];

  process.kill(users, "SIGKILL");
  const [, answer] = await untilReady(pod, 503);
  expect(answer).toEqual({ ready: false, reasons: [{ name: "users", detail: expect.any(String) as string }] });
  await untilReady(pod);
  expect(pod.lines).toContainEqual(expect.stringMatching(/^pod \| users is Waiting: signal SIGKILL; tried again in /));
  expect(await pod.pidOf("users")).not.toBe(users);
  expect(await pod.pidOf("gateway")).toBe(gateway);
  // What the killed one had started is gone with it: it would keep its ports.
  const [first = 0, second = 0] = childrenIn(pod.lines, "users");
  expect([lives(first), lives(second)]).toEqual([false, true]);
});

test("a stop reaches the members, each after those that need it, and leaves nothing", { timeout: 60_000 }, async () => {
  const pod = await start([
    { name: "users" },
    { name: "gateway", needs: [{ resource: "users", condition: "healthy" }] },
    { name: "pages", needs: [{ resource: "gateway", condition: "healthy" }] },
  ]);
  await untilReady(pod);
  process.kill(pod.pid, "SIGTERM");
  expect(await pod.exit).toBe(0);
  const said = (what: string): string[] =>
    pod.lines.flatMap((line) => (line.endsWith(` | ${what}`) ? [line.split(" | ")[0] ?? ""] : []));
  expect(said("listens")).toEqual(["users", "gateway", "pages"]);
  expect(said("was told to stop")).toEqual(["pages", "gateway", "users"]);
  expect(["users", "gateway", "pages"].flatMap((name) => childrenIn(pod.lines, name)).filter(lives)).toEqual([]);
});

test(
  "the end of a member is told though a child that is not known for its own holds its output",
  { timeout: 60_000 },
  async () => {
    const pod = await start([{ name: "users", env: { HIDE: "1" } }]);
    await untilReady(pod);
    const users = await pod.pidOf("users");
    onTestFinished(() =>
      childrenIn(pod.lines, "users")
        .filter(lives)
        .forEach((pid) => process.kill(pid, "SIGKILL")),
    );

    process.kill(users, "SIGKILL");
    await until("it to run again", async () => {
      const now = await pod.pidOf("users").catch(() => users);
      return now !== users;
    });
    expect(childrenIn(pod.lines, "users").map(lives)).toEqual([true, true]);
  },
);

test(
  "what a killed member leaves in its session is ended, whatever its environment says",
  { timeout: 60_000 },
  async () => {
    const pod = await start([{ name: "users", env: { HIDE: "1", STAY: "1" } }]);
    await untilReady(pod);
    process.kill(await pod.pidOf("users"), "SIGKILL");
    await untilReady(pod, 503);
    await untilReady(pod);
    expect(childrenIn(pod.lines, "users").map(lives)).toEqual([false, true]);
  },
);

test("a member is in its folder, which is made where it is not there", { timeout: 60_000 }, async () => {
  const pod = await start([{ name: "edge" }]);
  await untilReady(pod);
  expect(readlinkSync(`/proc/${await pod.pidOf("edge")}/cwd`)).toBe(join(pod.folder, "edge"));
});

test("a member in a crash loop ends the pod, which says so", { timeout: 60_000 }, async () => {
  const pod = await start([{ name: "users" }, { name: "broken", env: { CRASH: "3" } }]);
  expect(await pod.exit).toBe(1);
  expect(pod.lines).toContain("pod | broken is given up, and the pod with it");
  expect(pod.lines.find((line) => line.includes("broken is CrashLoop"))).toMatch(
    /^pod \| broken is CrashLoop: crashed 3 times in a row, last: exit code 3/,
  );
  expect(pod.lines).toContain("users | was told to stop");
});

test("a member that cannot be started ends the pod too", { timeout: 60_000 }, async () => {
  const pod = await start([{ name: "absent", argv: ["/nowhere/program"] }]);
  expect(await pod.exit).toBe(1);
  expect(pod.lines.some((line) => line.startsWith("pod | absent is CrashLoop"))).toBe(true);
});

test("a member has its own environment, and nothing else of the container's", { timeout: 60_000 }, async () => {
  const pod = await start([{ name: "users", env: { NAME: "users" } }]);
  await untilReady(pod);
  const line = await until("its environment", () => pod.lines.find((each) => each.startsWith("users | environment ")));
  expect(line).toBe("users | environment CAISSON_RUN NAME PATH PORT");
});
