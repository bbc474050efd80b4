import { defineProgram, defineStack, service, Type, type Service } from "@caisson/core";

const params = Type.Object({
  /** Chains of four: 3 are the twelve services that are started. */
  chains: Type.Integer({ minimum: 1, default: 3 }),
  /** Containers of each service. */
  replicas: Type.Integer({ minimum: 1, default: 1 }),
  /** Seconds between two health checks, for whoever lets the engine ask. */
  interval: Type.Integer({ minimum: 1, default: 30 }),
});

/** Trivial HTTP services in chains of four, each started when the one before is healthy; no port of the host. */
export default defineStack("docker-bench", { params, environments: { dev: {} } }, ({ chains, replicas, interval }) =>
  Array.from({ length: chains }, (_, chain) => {
    const links: Service[] = [];
    for (let link = 0; link < 4; link++) {
      const program = defineProgram(import.meta, `web${chain}-${link}`, {
        main: "./service.js",
        config: Type.Object({}),
        management: false,
        http: { port: 20_000 + chain * 4 + link, ready: "/", live: "/" },
      });
      const before = links.at(-1);
      const made = service(program, { config: {}, replicas, after: before ? [before] : [] });
      links.push({ ...made, probeTiming: { ...made.probeTiming, intervalMs: interval * 1000 } });
    }
    return links;
  }).flat(),
);
