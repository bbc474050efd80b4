import { once } from "node:events";
import { postgresQueue } from "../inbox/postgres-queue.ts";
import { applyBatch } from "../services/event-processor/apply-batch.ts";
import { claimShard } from "../services/event-processor/claim-shard.ts";
import { createKnown } from "../services/event-processor/known.ts";
import { prepareBatch } from "../services/event-processor/prepare-batch.ts";
import { openClient } from "./apply.ts";

/**
 * Applies what waits in shard 0 in one transaction, as the processor does, up to one of its statements: that one is sent
 * and then this process ends as by `kill -9`, or says `reached` and waits for its database to go. Arguments: the number
 * of the statement, `kill` or `wait`. The database's URL comes on stdin.
 */
const [statement = "", what = ""] = process.argv.slice(2);
process.stdin.setEncoding("utf8");
const [url] = (await once(process.stdin, "data")) as [string];
const client = await openClient(url.trim());
const claim = await claimShard(client, 0);
if (!claim) throw new Error("expected the shard to be free");
const reader = await postgresQueue(url.trim()).openReader(0);
const rows = await reader.read(claim.positions, { events: 100_000, bytes: 2 ** 24 });
reader.close();
if (rows.length === 0) process.exit(3);
let count = 0;
let stopped = false;
const watched = new Proxy(client, {
  get: (target, name) => {
    if (name !== "query") return Reflect.get(target, name) as unknown;
    return (...args: [string]) => {
      if (stopped) return new Promise(() => undefined);
      const answer: unknown = target.query(...args);
      if (count++ !== Number(statement)) return answer;
      stopped = true;
      if (what === "kill") process.kill(process.pid, "SIGKILL");
      process.stdout.write("reached\n");
      return answer;
    };
  },
});
client.on("end", () => process.exit(4));
await applyBatch(watched, claim.owned, await prepareBatch(rows), createKnown(), false);
process.exit(0);
