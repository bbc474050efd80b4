import { configKeyProblems } from "../codec/config-keys.ts";
import { throwProblems } from "../errors/problem.ts";
import { freeze } from "./freeze.ts";
import type { ConfigSchema, HttpContract, Metrics, Program } from "./contract.ts";
import { file, type ModuleMeta } from "./module-file.ts";
import { defaultProbePaths } from "./probe-paths.ts";

/** What a program declares. Keys left out have the defaults of {@link Program}: no HTTP, no metrics, no queues. */
export interface ProgramOptions<S extends ConfigSchema, M extends Metrics> {
  /** The module that runs, relative to the contract. */
  readonly main?: string;
  /** An argv instead of a module, run in the contract's folder: for programs that are not Node's. */
  readonly command?: readonly string[];
  readonly config: S;
  /** Probe paths default to `/health/ready`, `/health/live` and `/metrics`. */
  readonly http?: Pick<HttpContract, "port"> & Partial<HttpContract>;
  /** `false`: not built on the kit; probes then go to the HTTP port. Default `true` for `main`, `false` for `command`. */
  readonly management?: boolean;
  readonly metrics?: M;
  readonly queues?: readonly string[];
  readonly schemaVersion?: number;
  readonly contractVersion?: number;
}

/**
 * Declares a program: what it reads, serves and emits. Pure data; `import.meta` gives the folder of its files. Throws
 * E_CONTRACT where a configuration key has no variable of its own (`port` would be PORT).
 */
export function defineProgram<S extends ConfigSchema, const M extends Metrics = Record<never, never>>(
  meta: ModuleMeta,
  name: string,
  options: ProgramOptions<S, M>,
): Program<S, M> {
  const { http, schemaVersion } = options;
  const problems = configKeyProblems(Object.keys(options.config.properties));
  throwProblems(
    problems.map((message) => ({ code: "E_CONTRACT", path: `${name}/config`, message })),
    "E_CONTRACT",
    `program ${name}`,
  );
  return freeze({
    kind: "program",
    modelVersion: 1,
    name,
    contractVersion: options.contractVersion ?? 1,
    runtime: runtimeOf(meta, options),
    config: options.config,
    ...(http && {
      http: { ...defaultProbePaths, ...http },
    }),
    management: options.management ?? options.command === undefined,
    metrics: options.metrics ?? ({} as M),
    queues: options.queues ?? [],
    ...(schemaVersion !== undefined && { schemaVersion }),
  });
}

function runtimeOf(meta: ModuleMeta, options: { main?: string; command?: readonly string[] }): Program["runtime"] {
  if (options.command) return { kind: "command", argv: options.command, cwd: file(meta, ".") };
  return { kind: "node", main: file(meta, options.main ?? "./main.ts") };
}
