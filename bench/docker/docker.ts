import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atMost, type Figure } from "../lib/figure.ts";
import { installed } from "../lib/installed.ts";
import { inTurn, median } from "../lib/median.ts";
import { absent } from "../lib/peer.ts";
import { run } from "../lib/run.ts";
import { bareStart, dockerCompose, withoutDocker, type Compose } from "./compose.ts";
import { inMemory } from "./in-memory.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const here = fileURLToPath(new URL(".", import.meta.url));

/** Ours, and `docker compose` on the file rendered from the same stack: the same services, image and health checks. */
interface Sides {
  /** ms that a verb took. */
  readonly ours: (verb: string, ...flags: readonly string[]) => Promise<number>;
  readonly rendered: (...set: readonly string[]) => Promise<{ readonly compose: Compose; readonly folder: string }>;
}

/** The Docker target against `docker compose`, on chains of four trivial services. */
export async function docker(): Promise<readonly Figure[]> {
  const lacking = await withoutDocker();
  if (lacking !== "") return absent("docker", lacking) ?? [];
  const { caisson, stack, remove } = await installed(here);
  const scratch = mkdtempSync(join(tmpdir(), "caisson-bench-"));
  const ours: Sides["ours"] = async (verb, ...flags) => (await run([...caisson, verb, "-f", stack, ...flags])).ms;
  const rendered: Sides["rendered"] = async (...set) => {
    const folder = mkdtempSync(join(scratch, "bundle-"));
    await run([...caisson, "render", "compose", "-f", stack, "--out", folder, ...set]);
    return { compose: await dockerCompose(folder), folder };
  };
  try {
    await ours("build");
    return [
      ...(await everySecond({ ours, rendered })),
      await everyHalfMinute({ ours, rendered }),
      await renderAgainst({ ours, rendered }, scratch),
      await linear(ours),
      await linearInMemory(),
    ];
  } finally {
    await ours("down", "-v", "--yes");
    remove();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const seconds = (interval: number): readonly string[] => ["--set", `interval=${interval}`];
const up = ["up", "-d", "--wait", "--target", "docker"] as const;

/** From nothing to twelve healthy services that are asked each second, and once more with nothing to do. */
async function everySecond({ ours, rendered }: Sides): Promise<readonly Figure[]> {
  const { compose } = await rendered(...seconds(1));
  const again: Record<"ours" | "theirs", number[]> = { ours: [], theirs: [] };
  const { ours: mine = 0, theirs = 1 } = await inTurn(rounds, {
    ours: async () => {
      const ms = await ours(...up, ...seconds(1));
      again.ours.push(await ours(...up, ...seconds(1)));
      await ours("down");
      return ms;
    },
    theirs: async () => {
      const ms = await compose("up", "--wait");
      again.theirs.push(await compose("up", "--wait"));
      await compose("down");
      return ms;
    },
  });
  return [
    against("12 containers at 1 s / compose", mine, theirs, 0.5),
    against("nothing to do / compose", median(again.ours.slice(1)), median(again.theirs.slice(1)), 0.3),
  ];
}

/** The same each half minute, as is usual; once, for all is warm and a minute's difference needs no median. */
async function everyHalfMinute({ ours, rendered }: Sides): Promise<Figure> {
  const { compose, folder } = await rendered(...seconds(30));
  const mine = await ours(...up, ...seconds(30));
  await ours("down");
  const theirs = await compose("up", "--wait");
  await compose("down");
  await compose("create");
  const bare = await bareStart(folder);
  await compose("down");
  const figure = against("12 containers at 30 s / compose", mine, theirs, 0.05);
  return {
    ...figure,
    detail: `${figure.detail}; the engine starts them in ${(bare / 1000).toFixed(2)} s when all are asked for at once`,
  };
}

/** Rendering 1,000 services against reading them. */
async function renderAgainst({ ours, rendered }: Sides, scratch: string): Promise<Figure> {
  const set = ["--set", "chains=250"];
  const { compose } = await rendered(...set);
  const out = join(scratch, "thousand");
  const { ours: mine = 0, theirs = 1 } = await inTurn(5, {
    ours: () => ours("render", "compose", "--out", out, ...set),
    theirs: () => compose("config", "--quiet"),
  });
  return against("render 1,000 / compose config", mine, theirs, 1);
}

/** Sixty containers against twenty: replicas of four services, for an engine has few networks to give. */
async function linear(ours: Sides["ours"]): Promise<Figure> {
  const timed = async (containers: number): Promise<number> => {
    const ms = await ours(...up, "--set", "chains=1", "--set", `replicas=${containers / 4}`);
    await ours("down");
    return ms;
  };
  const small = await timed(20);
  return against("60 containers / 3 x 20", await timed(60), 3 * small, 1.2);
}

/** Three hundred services against a hundred, without an engine: what is ours alone. */
async function linearInMemory(): Promise<Figure> {
  // Some tens of milliseconds each: many rounds, for one pause of the machine is as long.
  const { large = 0, small = 1 } = await inTurn(25, { large: () => inMemory(300), small: () => inMemory(100) });
  return against("300 in memory / 3 x 100", large, 3 * small, 1.2);
}

function against(name: string, ms: number, peerMs: number, bar: number): Figure {
  return atMost(name, ms / peerMs, bar, `${(ms / 1000).toFixed(2)} s / ${(peerMs / 1000).toFixed(2)} s`);
}
