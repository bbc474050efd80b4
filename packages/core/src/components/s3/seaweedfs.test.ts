import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Expression } from "../../model/expression.ts";
import { seaweedfsMetrics } from "../metrics/seaweedfs.ts";
import { inContainer, textOf } from "../testing/in-container.ts";
import { s3, type Bucket } from "./s3.ts";

/** The object store that we ship, played by the real program, at the ports of its image. Anything in 127/8 but 127.0.0.1 is outside. */
const missing = ["weed", "curl", "openssl"].filter((program) => spawnSync(program, ["--version"]).error).join(", ");
const skipped = missing && ` (skipped: no ${missing} here)`;

const address = "http://127.0.0.2:8333";
const folder = mkdtempSync(join(tmpdir(), "caisson-weed-"));
const users = { api: { uploads: "read-write", exports: "write" }, reports: { exports: "read" } } as const;

const storeWith = (uploads: Bucket) => s3("store", { buckets: { uploads, exports: { expireDays: 30 } }, users });

const nothing = { argv: [], env: {} };

/** Where its parts listen inside, and 10000 above: 8080, which one of them has by itself, is somebody's on many a host. */
const inner = ["master", "volume", "filer"].map((flag, index) => ({
  flag,
  port: 21_000 + (process.pid % 7000) * 3 + index,
}));

/** A certificate with its key, good for a server alone, as the stack's authority makes one. */
const pem = missing === "" ? selfSigned() : "";
function selfSigned(): string {
  const how = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    "-",
    "-subj",
    "/CN=store",
    "-addext",
    "extendedKeyUsage=serverAuth",
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  ];
  return execFileSync("openssl", ["req", "-x509", ...how], { encoding: "utf8", stdio: "pipe" });
}

/** The store's resources, and what of them a program here is told. */
function here(uploads: Bucket) {
  const { resources } = storeWith(uploads);
  const text = (value: Expression) =>
    textOf(value, resources, {
      ...inContainer,
      file: (_, name) => join(folder, name),
      volume: () => join(folder, "data"),
      host: () => "127.0.0.2",
    });
  const [store, job] = resources.map(({ container, files }) => {
    for (const { name, content, mode } of files)
      writeFileSync(join(folder, name), name === "grpc.pem" ? pem : text(content), { mode });
    const env = Object.fromEntries(Object.entries(container?.env ?? {}).map(([name, value]) => [name, text(value)]));
    return { argv: [...(container?.entrypoint ?? []), ...(container?.command ?? [])].map(text), env };
  });
  return { store: store ?? nothing, job: job ?? nothing };
}

/** As the job of the buckets does it on every start. */
function makeBuckets(uploads: Bucket): string {
  const [shell = "", ...args] = here(uploads).job.argv;
  return execFileSync(shell, args, { encoding: "utf8" });
}

/** Asks as a user, or as nobody: `200 what is there`. The secrets are those that `textOf` shows. */
function ask(user: "api" | "reports" | undefined, path: string, text?: string, method = "PUT"): string {
  const signed = user ? ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${user}:<store-${user}>`] : [];
  // The hash, because curl 7 tells none of what it sends.
  const hash = `x-amz-content-sha256: ${createHash("sha256")
    .update(text ?? "")
    .digest("hex")}`;
  const body = text === undefined ? [] : ["-X", method, "-H", hash, "--data-binary", text];
  const args = ["-s", ...signed, ...body, "-w", "\n%{http_code}", `${address}/${path}`];
  const lines = execFileSync("curl", args, { encoding: "utf8" }).split("\n");
  const status = lines.pop() ?? "";
  return status === "200" && text === undefined ? `200 ${lines.join("\n")}` : status;
}

let server: ReturnType<typeof spawn> | undefined;
beforeAll(async () => {
  if (missing) return;
  mkdirSync(join(folder, "data"));
  const { argv, env } = here({}).store;
  server = spawn("weed", [...argv, ...inner.map(({ flag, port }) => `-${flag}.port=${port}`)], {
    stdio: "ignore",
    cwd: folder,
    env: { ...process.env, ...env },
  });
  const answers = async () => (await fetch(`${address}/healthz`).catch(() => undefined))?.ok === true;
  for (let left = 120; !(await answers()); left--) {
    if (left === 0 || server.exitCode !== null) throw new Error("expected SeaweedFS to answer within a minute");
    await sleep(500);
  }
  // It answers before its volumes have found its master.
  makeBuckets({});
  for (let left = 120; left > 0 && ask("api", "uploads/first", "1") !== "200"; left--) await sleep(500);
}, 90_000);
afterAll(async () => {
  if (server?.kill("SIGTERM")) await new Promise((ended) => server?.once("exit", ended));
  rmSync(folder, { recursive: true });
}, 60_000);

test.skipIf(missing !== "")(
  `anyone reads what a bucket lets anyone read, until the option is gone, and no more${skipped}`,
  () => {
    makeBuckets({ anonymousRead: ["public/"] });
    for (const object of ["uploads/public/a", "uploads/private/a", "exports/public/a"])
      expect(ask("api", object, "42")).toBe("200");

    expect(ask(undefined, "uploads/public/a")).toBe("200 42");
    for (const path of ["uploads/private/a", "exports/public/a", "uploads", "uploads?versions=", "uploads?policy="])
      expect([path, ask(undefined, path)]).toEqual([path, "403"]);
    expect(ask(undefined, "uploads/public/a", "0")).toBe("403");
    expect(ask(undefined, "uploads/public/a", "", "DELETE")).toBe("403");

    // Another service's key reads what anyone reads.
    expect(ask("reports", "uploads/public/a")).toBe("200 42");
    for (const path of ["uploads/private/a", "uploads"]) expect([path, ask("reports", path)]).toEqual([path, "403"]);
    expect(ask("reports", "uploads/public/a", "0")).toBe("403");
    expect(ask("reports", "uploads/public/a", "", "DELETE")).toBe("403");
    expect(ask("api", "uploads/public/a")).toBe("200 42");

    makeBuckets({ anonymousRead: true });
    expect(ask(undefined, "uploads/private/a")).toBe("200 42");
    expect(ask(undefined, "exports/public/a")).toBe("403");
    expect(ask(undefined, "uploads")).toBe("403");

    expect(makeBuckets({})).toContain("uploads?policy=: 204");
    expect(makeBuckets({})).toContain("uploads?policy=: 404");
    expect(ask(undefined, "uploads/public/a")).toBe("403");
    expect(ask("reports", "uploads/public/a")).toBe("403");
    expect(ask("api", "uploads/public/a")).toBe("200 42");
  },
);

test.skipIf(missing !== "")(`a key reaches its buckets as it may, and no other${skipped}`, () => {
  makeBuckets({});
  expect(ask("api", "exports/report", "43")).toBe("200");
  expect(ask("api", "exports/report")).toBe("403");
  expect(ask("reports", "exports/report")).toBe("200 43");
  expect(ask("reports", "exports/report", "0")).toBe("403");
  expect(ask("reports", "exports?lifecycle=", "<LifecycleConfiguration/>")).toBe("403");
  expect(ask("api", "uploads?policy=", "{}")).toBe("403");
  expect(ask(undefined, "exports/report")).toBe("403");
});

test.skipIf(missing !== "")(`a bucket keeps versions and expires objects as it is told${skipped}`, () => {
  makeBuckets({ expireDays: 7 });
  expect(ask("api", "uploads?lifecycle=")).toMatch(/<Days>7<\/Days>/);
  makeBuckets({});
  expect(ask("api", "uploads?lifecycle=")).toBe("404");
  makeBuckets({ versioning: true });
  for (const text of ["1", "2"]) expect(ask("api", "uploads/versioned", text)).toBe("200");
  expect(ask("api", "uploads/versioned")).toBe("200 2");
  expect(ask("api", "uploads?prefix=versioned&versions=").match(/<VersionId>/g)).toHaveLength(2);
  expect(ask("reports", "exports?lifecycle=")).toMatch(/<Days>30<\/Days>/);
});

test.skipIf(missing !== "")(`what asks for no key does not listen outside${skipped}`, async () => {
  // Volumes, filer and master, the gRPC of each, and the catalogues of Iceberg and Lance.
  for (const port of [...inner.flatMap(({ port: own }) => [own, own + 10_000]), 8181, 9101])
    await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

test.skipIf(missing !== "")(`the gRPC that makes keys lets in nobody${skipped}`, async () => {
  const grpc = { host: "127.0.0.2", port: 18_333, ALPNProtocols: ["h2"], rejectUnauthorized: false };
  expect(await greeted(connect(grpc))).toBe("");
  expect(await greeted(connectTls(grpc))).toBe("");
  expect(await greeted(connectTls({ ...grpc, cert: pem, key: pem }))).toBe("");
  // It listens all the same.
  const heard = connectTls(grpc);
  await once(heard, "secureConnect");
  expect(heard.getPeerCertificate().subject.CN).toBe("store");
  heard.destroy();
});

/** What an HTTP/2 server says to who greets it, in hex; empty where it says nothing and closes. */
async function greeted(socket: Socket): Promise<string> {
  const said: Buffer[] = [];
  socket.setTimeout(5000, () => socket.destroy());
  socket.on("data", (piece: Buffer) => void (said.push(piece), socket.destroy()));
  socket.on("error", () => undefined);
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
  await new Promise((closed) => socket.once("close", closed));
  return Buffer.concat(said).toString("hex");
}

test.skipIf(missing !== "")(
  `a scrape has the metrics that alerts and panels use, with their labels${skipped}`,
  async () => {
    makeBuckets({});
    let scraped = "";
    // What volumes take is told every few seconds.
    for (let left = 60; left > 0 && !scraped.includes(seaweedfsMetrics.metrics.bytes.name); left--) {
      scraped = await (await fetch("http://127.0.0.2:9327/metrics")).text();
      await sleep(500);
    }
    for (const { name, kind, labels } of Object.values(seaweedfsMetrics.metrics)) {
      expect(scraped).toContain(`# TYPE ${name} ${kind}\n`);
      const series = scraped
        .split("\n")
        .filter((line) => line.startsWith(kind === "histogram" ? `${name}_sum` : `${name}{`));
      expect(series).not.toEqual([]);
      for (const line of series)
        expect([...line.matchAll(/(\w+)="/g)].map(([, label]) => label).toSorted()).toEqual([...labels].toSorted());
    }
  },
  40_000,
);
