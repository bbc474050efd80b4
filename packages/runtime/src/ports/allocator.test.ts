import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { unprivileged } from "../state/testing/unprivileged.ts";
import { openPorts, type PortAllocator, type PortRequest } from "./allocator.ts";

const host = "127.0.0.1";
const unprivilegedFrom = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
const program = fileURLToPath(new URL("testing/port-process.ts", import.meta.url));

function open(folder: string, instance = `i${process.pid}`): PortAllocator {
  const ports = openPorts({ file: join(folder, "ports.db"), instance });
  onTestFinished(() => ports.close());
  return ports;
}

function ask(wanted: number, change: Partial<PortRequest> = {}): PortRequest {
  return { key: "web/http", wanted, fixed: false, host, held: false, ...change };
}

async function listen(port = 0, at = host): Promise<{ server: Server; port: number }> {
  const server = createServer().listen({ port, host: at, exclusive: true });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listen();
  server.close();
  await once(server, "close");
  return port;
}

/** Another process: one that listens, or another stack's agent. Ends with the test, or by `end`. */
async function start(
  folder: string,
  ...argv: string[]
): Promise<{ child: ChildProcess; line: string; end: () => Promise<void> }> {
  const child = spawn(process.execPath, [program, join(folder, "ports.db"), ...argv], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  onTestFinished(end);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, line: String(line), end };
}

test("the wanted number when it is free; moved, it says where to and who has it, and stays there", async () => {
  const folder = tempFolder();
  const ports = open(folder);
  const wanted = await freePort();
  expect(await ports.allocate(ask(wanted))).toEqual({ port: wanted });
  const taker = await start(folder, "x", "listen", String(wanted), host);
  const moved = await ports.allocate(ask(wanted));
  expect(moved.port).toBeGreaterThanOrEqual(20_000);
  expect(moved.port).toBeLessThan(30_000);
  expect(moved.note).toBe(`port ${wanted} is now ${moved.port}: node port-process.ts (pid ${taker.child.pid}) has it`);
  ports.close();
  expect((await open(folder).allocate(ask(wanted))).port).toBe(moved.port);
  expect((await open(tempFolder()).allocate(ask(wanted))).port, "derived from the key alone").toBe(moved.port);
  await taker.end();
  expect(await open(folder).allocate(ask(wanted))).toEqual({ port: wanted });
});

test("a program that shares its port (reusePort), and one on any address, are found out", async () => {
  const folder = tempFolder();
  for (const at of ["127.0.0.1", "0.0.0.0", "::"]) {
    const wanted = await freePort();
    const taker = await start(folder, "x", "listen", String(wanted), at);
    const { port, note } = await open(folder).allocate(ask(wanted));
    expect(port).not.toBe(wanted);
    expect(note, at).toContain(`pid ${taker.child.pid}`);
    await taker.end();
  }
});

test("a listener on another address is no obstacle, and is not named", async () => {
  const { port } = await listen(0, "127.0.0.2");
  expect(await open(tempFolder()).allocate(ask(port))).toEqual({ port });
});

test("a fixed port that is taken is an error that names who has it", async () => {
  const folder = tempFolder();
  const wanted = await freePort();
  const taker = await start(folder, "x", "listen", String(wanted), host);
  await expect(open(folder).allocate(ask(wanted, { fixed: true }))).rejects.toMatchObject({
    code: "E_PORT_TAKEN",
    message: `web/http: expected port ${wanted} to be free, but node port-process.ts (pid ${taker.child.pid}) has it`,
  });
});

test("two stacks never get one port, though neither listens yet; a dead one's is free again", async () => {
  const folder = tempFolder();
  const wanted = await freePort();
  const other = await start(folder, "i2", "lease", "api", String(wanted));
  const ports = open(folder);
  const { port, note } = await ports.allocate(ask(wanted));
  expect(note).toBe(`port ${wanted} is now ${port}: another stack (its api/0, agent pid ${other.child.pid}) has it`);
  await expect(ports.allocate(ask(wanted, { fixed: true }))).rejects.toThrow(/another stack/);
  await other.end();
  expect(await ports.allocate(ask(wanted))).toEqual({ port: wanted });
});

test("many agents at once: all ports differ", async () => {
  const folder = tempFolder();
  const wanted = await freePort();
  const agents = await Promise.all(
    [1, 2, 3, 4].map((id) => start(folder, `i${id}`, "lease", "r", String(wanted), "5")),
  );
  const granted = agents.flatMap(({ line }): number[] => JSON.parse(line));
  expect(granted.length).toBe(40);
  expect(new Set(granted).size).toBe(40);
});

test("what already runs keeps its port, also under a new agent; a newly wanted number is taken up", async () => {
  const folder = tempFolder();
  const { port: wanted } = await listen();
  const { port } = await open(folder).allocate(ask(wanted));
  await listen(port); // our own program now listens on the port it was moved to
  const ports = open(folder);
  expect((await ports.allocate(ask(wanted, { held: true }))).port).toBe(port);
  const other = await freePort();
  expect(await ports.allocate(ask(other, { held: true }))).toEqual({ port: other });
});

test("two keys of one stack do not share a number; a released one is free", async () => {
  const ports = open(tempFolder());
  const wanted = await freePort();
  await ports.allocate(ask(wanted));
  const second = await ports.allocate(ask(wanted, { key: "api/http" }));
  expect(second.note).toContain("web/http has it");
  ports.release("web/http");
  expect(await ports.allocate(ask(wanted, { key: "api/http" }))).toEqual({ port: wanted });
});

test("a moved port stays where it is, though its first choice becomes free", async () => {
  const folder = tempFolder();
  const { port: wanted } = await listen();
  const { port: choice } = await open(folder).allocate(ask(wanted, { dryRun: true }));
  const { server } = await listen(choice);
  const { port } = await open(folder).allocate(ask(wanted));
  expect(port).not.toBe(choice);
  server.close();
  await once(server, "close");
  expect((await open(folder).allocate(ask(wanted))).port).toBe(port);
});

test("a dry run says the port and takes nothing", async () => {
  const folder = tempFolder();
  const wanted = await freePort();
  expect(await open(folder).allocate(ask(wanted, { dryRun: true }))).toEqual({ port: wanted });
  expect(await open(folder, "i2").allocate(ask(wanted))).toEqual({ port: wanted });
  expect((await open(folder).allocate(ask(wanted, { dryRun: true }))).note).toContain("another stack");
});

test("ports for one run are all different, outside the kernel's range, and come back when given back", async () => {
  const ports = open(tempFolder());
  const handed = await Promise.all(Array.from({ length: 20 }, () => ports.any(host)));
  expect(new Set(handed).size).toBe(20);
  expect(handed.every((port) => port >= 20_000 && port < 30_000)).toBe(true);
  for (const port of handed) ports.release(port);
  const [again] = handed;
  expect(await ports.allocate(ask(again ?? 0, { key: "a/b" }))).toEqual({ port: again });
});

test("an address that is not this machine's is its own error", async () => {
  await expect(open(tempFolder()).allocate(ask(await freePort(), { host: "192.0.2.1" }))).rejects.toMatchObject({
    code: "E_PORT_ADDRESS",
    message: expect.stringContaining("192.0.2.1"),
  });
});

test("a damaged file of leases is set aside; one that cannot be written stops nobody", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "ports.db"), "no leases at all");
  const wanted = await freePort();
  expect(await open(folder).allocate(ask(wanted))).toEqual({ port: wanted });
  expect(readdirSync(folder).sort()).toEqual(["ports.db", "ports.db.damaged"]);
  const missing = openPorts({ file: join(folder, "not-there", "ports.db"), instance: "i" });
  expect(await missing.allocate(ask(0))).toEqual({ port: expect.any(Number) });
  missing.close();
});

const lowest = existsSync(unprivilegedFrom) ? Number(readFileSync(unprivilegedFrom, "utf8")) : 1024;

test.skipIf(lowest < 2)(
  "a port below 1024 is denied to an ordinary user, not taken (where the kernel keeps them)",
  async () => {
    const folder = tempFolder();
    const ports = open(folder);
    await unprivileged([folder], async () => {
      const { note } = await ports.allocate(ask(1, { dryRun: true }));
      expect(note).toContain("this user may not listen on it");
      await expect(ports.allocate(ask(1, { fixed: true }))).rejects.toMatchObject({ code: "E_PORT_DENIED" });
    });
  },
);
