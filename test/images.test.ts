import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Docker from "dockerode";
import { expect, onTestFinished, test } from "vitest";
import { catalogueStack } from "../scripts/images/caisson.ts";
import { catalogueImages } from "../scripts/images/catalogue-images.ts";
import { tryImages, type Machine, type Tried } from "../scripts/images/try-images.ts";
import { repositoryOf } from "../scripts/versions/registry.ts";
import { repo, run } from "./testing/repo.ts";

const references = catalogueImages().map(({ name, tag }) => `${name}:${tag}`);

/** A registry that has every image, as far as anybody asks: its digest. */
async function registry(): Promise<Machine["locate"]> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "docker-content-digest": `sha256:${"ab".repeat(32)}` }).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => new Promise((closed) => server.close(() => closed())));
  const { port } = server.address() as AddressInfo;
  return (image) => ({ ...repositoryOf(image), origin: `http://127.0.0.1:${port}` });
}

async function all(tried: AsyncIterable<Tried>): Promise<Tried[]> {
  const found: Tried[] = [];
  for await (const each of tried) found.push(each);
  return found;
}

/** Nothing of it may be asked for. */
const untouched: Pick<Machine, "pull" | "caisson"> = {
  pull: () => Promise.reject(new Error("an image was fetched")),
  caisson: () => Promise.reject(new Error("something was started")),
};

test("without a registry every image of the catalogue is skipped by name, with the reason", async () => {
  const locate = (image: string) => ({ ...repositoryOf(image), origin: "https://registry.invalid" });
  const tried = await all(tryImages({ ...untouched, locate, withoutEngine: async () => "" }));
  const detail = expect.stringMatching(/^https:\/\/registry\.invalid cannot be reached \(E[A-Z_]+\)$/);
  expect(tried).toEqual(references.map((image) => ({ image, outcome: "skipped", detail })));
});

test("without an engine too", async () => {
  const detail = "no Docker Engine answers";
  const tried = await all(tryImages({ ...untouched, locate: await registry(), withoutEngine: async () => detail }));
  expect(tried).toEqual(references.map((image) => ({ image, outcome: "skipped", detail })));
});

test("an image that cannot be fetched has failed, and is not called skipped", async () => {
  const pull = () => Promise.reject(new Error("no space left"));
  const machine = { ...untouched, locate: await registry(), withoutEngine: async () => "", pull };
  expect(await all(tryImages(machine, catalogueImages().slice(0, 1)))).toMatchObject([
    { outcome: "failed", detail: "no space left" },
  ]);
});

test("the command says of every image what came of it", async () => {
  // Whatever this host could have: nothing listens there.
  const env = { ...process.env, DOCKER_HOST: "tcp://127.0.0.1:9" };
  const { code, stdout } = await run(process.execPath, [join(repo, "scripts/test-images.ts")], { env });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.slice(0, -1).map((line) => line.replace(/: skipped: .+$/, ""))).toEqual(references);
  expect([lines.at(-1), code]).toEqual([`0 ran, ${references.length} skipped, 0 failed`, 0]);
});

const mosquitto = spawnSync("sh", ["-c", "PATH=$PATH:/usr/sbin command -v mosquitto"]).status === 0;
test.skipIf(!mosquitto)(
  `what is tried is really tried: a broker of this host starts and keeps what it was given${mosquitto ? "" : " (skipped: mosquitto is not installed)"}`,
  async () => {
    using stack = await catalogueStack();
    // The same commands, on processes.
    const caisson: Machine["caisson"] = (...args) =>
      stack.caisson(...args.filter((word) => word !== "--target" && word !== "docker"));
    const machine = { locate: await registry(), withoutEngine: async () => "", pull: async () => undefined, caisson };
    const broker = catalogueImages().filter(({ resources }) => resources.some(({ name }) => name === "mosquitto"));
    expect(await all(tryImages(machine, broker))).toMatchObject([
      {
        outcome: "ran",
        detail: "mosquitto ready with the files generated for it; mosquitto kept what was written over a restart",
      },
    ]);
  },
);

// Images that stand for the official ones; what this shows of a run holds of those.
const docker = new Docker();
const tags = await docker.listImages().then(
  (images) => images.flatMap(({ RepoTags }) => RepoTags ?? []),
  () => undefined,
);
const stores = ["database", "store", "mosquitto"];
const kept = catalogueImages().filter(({ resources }) => resources.some(({ name }) => stores.includes(name)));
const absent = kept.map(({ name, tag }) => `${name}:${tag}`).filter((reference) => !tags?.includes(reference));
const missing =
  tags === undefined ? "no Docker Engine answers" : absent.map((each) => `image not available: ${each}`).join(", ");

test.skipIf(missing !== "")(
  `images that are there start with their files, and keep what is written over a restart${missing && ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  async () => {
    using stack = await catalogueStack();
    const machine = {
      locate: await registry(),
      withoutEngine: async () => "",
      pull: async () => undefined,
      caisson: stack.caisson,
    };
    const tried = await all(tryImages(machine, kept));
    const ran = kept.map(({ resources }) => {
      const names = resources.map(({ name }) => name);
      const store = names.find((name) => stores.includes(name));
      return `ran: ${names.join(", ")} ready with the files generated for it; ${store} kept what was written over a restart`;
    });
    expect(tried.map(({ outcome, detail }) => `${outcome}: ${detail}`)).toEqual(ran);
  },
);
