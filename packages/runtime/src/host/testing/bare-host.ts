import type { HostFacts } from "../facts.ts";

/** A host that has no program for anything. */
export const bareHost: HostFacts = {
  platform: "linux-x64",
  uid: 1000,
  cpus: 2,
  memory: 8e9,
  path: "/usr/bin",
  home: "/home/a",
  timeZone: undefined,
  npmPostgres: undefined,
  preparedPostgres: [],
  systemPostgres: [],
  redis: [],
  nginx: [],
  programs: {},
};
