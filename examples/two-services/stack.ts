import { defineStack, postgres, redis, service } from "@caisson/core";
import { web } from "./contract.ts";

const db = postgres("postgres", { database: "visits" });
const cache = redis("redis", { role: "cache", optional: true });

export default defineStack("two-services", [
  db,
  cache,
  service(web, { config: { databaseUrl: db.url, redisUrl: cache.url }, public: true }),
]);
