import type { RedisConnection } from "./connect.ts";

/** How this server tells that an entry is on its disk: its answer does (`appendfsync always`), or WAITAOF does. */
export type Durability = "answer" | "waitaof";

/**
 * Finds out how entries become durable here. Throws where they do not: a queue that evicts, that keeps no log, or
 * that writes its log behind the answer's back must not acknowledge anything.
 */
export async function findDurability(redis: RedisConnection): Promise<Durability> {
  const settings = await readSettings(redis);
  const expect = (name: string, value: string): void => {
    const got = settings.get(name);
    if (got !== value) throw new Error(`expected a Redis with ${name} ${value}, got ${got ?? "no answer"}`);
  };
  expect("maxmemory-policy", "noeviction");
  expect("appendonly", "yes");
  if (settings.get("appendfsync") === "always") return "answer";
  const [known] = (await redis.send("COMMAND", "INFO", "WAITAOF")) as unknown[];
  if (known !== null) return "waitaof";
  throw new Error(
    `expected a Redis that tells when an entry is on disk: appendfsync always, or one that knows WAITAOF (Redis 7.2, Valkey); got appendfsync ${settings.get("appendfsync")}`,
  );
}

async function readSettings(redis: RedisConnection): Promise<Map<string, string>> {
  const settings = new Map<string, string>();
  for (const name of ["maxmemory-policy", "appendonly", "appendfsync"]) {
    const [, value] = (await redis.send("CONFIG", "GET", name)) as unknown[];
    settings.set(name, String(value));
  }
  return settings;
}
