import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { acquireLock, readHolder } from "./lock.ts";
import { tempFolder } from "./testing/temp-folder.ts";

const holderProgram = fileURLToPath(new URL("testing/lock-holder.ts", import.meta.url));

async function startHolder(file: string): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, ["--expose-gc", holderProgram, file], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, line: String(line) };
}

test("the second agent is refused and told the first one's pid", async () => {
  const file = join(tempFolder(), "agent.lock");
  const first = await startHolder(file);
  expect(first.line).toBe("locked");
  expect(readHolder(file)).toMatchObject({ pid: first.child.pid, socket: "/run/agent.sock" });
  expect(() => acquireLock(file, "")).toThrow(
    expect.objectContaining({
      code: "E_AGENT_RUNNING",
      message: expect.stringContaining(`process ${first.child.pid} `),
    }),
  );
  expect(JSON.parse((await startHolder(file)).line)).toMatchObject({ code: "E_AGENT_RUNNING" });
  // refusing must not have taken the holder's name or the lock away
  expect(readHolder(file)?.pid).toBe(first.child.pid);
});

test("kill -9 of the holder frees the lock; its name counts no more", async () => {
  const file = join(tempFolder(), "agent.lock");
  const { child } = await startHolder(file);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(readHolder(file)).toBeUndefined();
  const lock = acquireLock(file, "/mine");
  expect(readHolder(file)).toMatchObject({ pid: process.pid, socket: "/mine" });
  lock.release();
  lock.release();
  expect(readHolder(file)).toBeUndefined();
  acquireLock(file, "").release();
});

test("a lock whose holder's name is lost, damaged or another process's is still a lock", async () => {
  const file = join(tempFolder(), "agent.lock");
  const { child } = await startHolder(file);
  const info = JSON.parse(readFileSync(`${file}.json`, "utf8"));
  const variants = [
    "",
    "{",
    JSON.stringify({ ...info, pid: process.pid }),
    JSON.stringify({ ...info, startTime: "other" }),
  ];
  for (const text of variants) {
    writeFileSync(`${file}.json`, text);
    expect(() => acquireLock(file, "")).toThrow(/^another process already runs/);
  }
  rmSync(`${file}.json`);
  expect(() => acquireLock(file, "")).toThrow(/^another process already runs/);
  expect(child.exitCode).toBeNull();
});

test("a child of the holder does not keep the lock", async () => {
  const file = join(tempFolder(), "agent.lock");
  const lock = acquireLock(file, "");
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "inherit", "inherit"] });
  await once(child, "spawn");
  lock.release();
  expect((await startHolder(file)).line).toBe("locked");
  child.stdin.end();
  await once(child, "exit");
});

test("what is no lock file is named, not overwritten", () => {
  const file = join(tempFolder(), "agent.lock");
  writeFileSync(file, "notes\n".repeat(100));
  expect(() => acquireLock(file, "")).toThrow(expect.objectContaining({ code: "E_AGENT_LOCK" }));
  expect(readFileSync(file, "utf8")).toContain("notes");
});
