import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allAnswer } from "../lib/all-answer.ts";
import { caisson } from "../lib/caisson.ts";
import { atMost, type Figure } from "../lib/figure.ts";
import { inTurn } from "../lib/median.ts";
import { pm2 } from "../lib/pm2.ts";
import { run } from "../lib/run.ts";
import { supervisord } from "../lib/supervisord.ts";

const service = fileURLToPath(new URL("service.js", import.meta.url));
const stack = fileURLToPath(new URL("stack.ts", import.meta.url));
const ports = Array.from({ length: 12 }, (_, index) => 23_100 + index);

/** From nothing to twelve answering services: ours, a bare shell's, PM2's and supervisord's, in turn. */
export async function twelve(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "caisson-bench-"));
  try {
    const peers = { pm2: await pm2(folder, service, ports), supervisord: await supervisord(folder, service, ports) };
    const times = await inTurn(5, {
      caisson: () =>
        timed(
          () => run([...caisson, "up", "-f", stack, "-d", "--wait"]),
          () => run([...caisson, "down", "-f", stack]),
        ),
      shell: shell(folder),
      ...(peers.pm2 && { pm2: () => timed(peers.pm2!.up, peers.pm2!.down) }),
      ...(peers.supervisord && { supervisord: () => timed(peers.supervisord!.up, peers.supervisord!.down) }),
    });
    return figures(times);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(up: () => Promise<unknown>, down: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await up();
  await allAnswer(ports);
  const ms = performance.now() - start;
  await down();
  return ms;
}

/** A script that starts all twelve in the background and leaves their ids behind. */
function shell(folder: string): () => Promise<number> {
  const pids = join(folder, "pids");
  const lines = ports.map((port) => `PORT=${port} "${process.execPath}" "${service}" & echo $! >> "${pids}"`);
  const script = join(folder, "start.sh");
  writeFileSync(script, `#!/bin/sh\nrm -f "${pids}"\n${lines.join("\n")}\n`);
  return () =>
    timed(
      () => run(["/bin/sh", script]),
      () =>
        run([
          "/bin/sh",
          "-c",
          `kill $(cat "${pids}"); while kill -0 $(cat "${pids}") 2>/dev/null; do sleep 0.02; done`,
        ]),
    );
}

function figures(times: Record<string, number>): Figure[] {
  const { caisson: ours = 0, shell: bare = 1 } = times;
  const against = (peer: string): Figure[] => {
    const theirs = times[peer];
    return theirs === undefined
      ? []
      : [atMost(`twelve services / ${peer}`, ours / theirs, 1, `${ours.toFixed(0)} ms / ${theirs.toFixed(0)} ms`)];
  };
  return [
    atMost("twelve services / bare shell", ours / bare, 1.6, `${ours.toFixed(0)} ms / ${bare.toFixed(0)} ms`),
    ...against("pm2"),
    ...against("supervisord"),
  ];
}
