import type { Problem } from "../../errors/problem.ts";
import { toBytes, type Size } from "../../model/quantity.ts";
import type { Settings } from "../settings.ts";

/** PostgreSQL's memory, where the formulas' answer is not wanted. */
export interface PostgresTuning {
  /** Default a quarter of the memory limit. */
  readonly sharedBuffers?: Size;
  /** Default three quarters of the memory limit. */
  readonly effectiveCacheSize?: Size;
  /** Of one sort or hash; a query may take several. One of each connection must fit into the memory limit. Default 4MB. */
  readonly workMem?: Size;
  /** Default a sixteenth of the memory limit. */
  readonly maintenanceWorkMem?: Size;
}

/** pgtune's formulas for a mixed load, where there is a memory limit; what `tuning` says instead wins. */
export function derivedSettings(
  connections: number,
  memory: number | undefined,
  tuning: PostgresTuning = {},
): Settings {
  const size = (own: Size | undefined, part: number): number | undefined =>
    own === undefined ? memory && Math.floor(memory * part) : toBytes(own);
  const sizes = {
    shared_buffers: size(tuning.sharedBuffers, 1 / 4),
    effective_cache_size: size(tuning.effectiveCacheSize, 3 / 4),
    maintenance_work_mem: size(tuning.maintenanceWorkMem, 1 / 16),
    work_mem: tuning.workMem && toBytes(tuning.workMem),
  };
  return {
    max_connections: connections,
    password_encryption: "scram-sha-256",
    logging_collector: "off",
    ...Object.fromEntries(
      Object.entries(sizes).flatMap(([key, bytes]) => (bytes ? [[key, `${Math.floor(bytes / 1024)}kB`]] : [])),
    ),
  };
}

/** Who came and went, and every statement that changes data or schema. */
export const auditSettings: Settings = {
  log_connections: "on",
  log_disconnections: "on",
  log_statement: "mod",
  log_line_prefix: "%m [%p] user=%u db=%d app=%a client=%h ",
};

/** PostgreSQL's own. */
export const defaultConnections = 100;
const defaultWorkMem = 4 * 1024 ** 2;

/** Memory that is asked for and not there: the kernel would end the server for it. */
export function tuningProblems(
  name: string,
  memory: number | undefined,
  connections: number | undefined,
  tuning: PostgresTuning = {},
): Problem[] {
  if (memory === undefined) return [];
  const most = { sharedBuffers: 0.5, effectiveCacheSize: 1, workMem: 0.25, maintenanceWorkMem: 0.25 } as const;
  const each = Object.entries(most).flatMap(([key, part]): Problem[] => {
    const size = tuning[key as keyof typeof most];
    if (size === undefined || toBytes(size) <= memory * part) return [];
    return [
      {
        code: "E_VALUE",
        path: `${name}/tuning/${key}`,
        message: `expected at most ${part * 100} % of the memory limit (${Math.floor((memory * part) / 1024 ** 2)}MB), got ${size}`,
      },
    ];
  });
  return each.length > 0 ? each : sumProblems(name, memory, connections, tuning);
}

/** Less PostgreSQL does not take, in kB. */
const leastWorkMemKb = 64;

/**
 * What all of it takes at once: a sort of each connection, and one that makes an index or vacuums. Of what nobody asked for
 * nothing is said: a small server whose connections rest is well.
 */
function sumProblems(
  name: string,
  memory: number,
  connections: number | undefined,
  { sharedBuffers, workMem, maintenanceWorkMem }: PostgresTuning,
): Problem[] {
  const explicit = { maxConnections: connections, workMem, sharedBuffers, maintenanceWorkMem };
  const [first] = Object.entries(explicit).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const buffers = sharedBuffers === undefined ? memory / 4 : toBytes(sharedBuffers);
  const maintenance = maintenanceWorkMem === undefined ? memory / 16 : toBytes(maintenanceWorkMem);
  const sort = workMem === undefined ? defaultWorkMem : toBytes(workMem);
  const count = connections ?? defaultConnections;
  const total = buffers + count * sort + maintenance;
  if (first === undefined || total <= memory) return [];
  const megabytes = (bytes: number): string => `${Math.round((bytes / 1024 ** 2) * 10) / 10}MB`;
  const left = Math.floor((memory - buffers - maintenance) / count / 1024);
  return [
    {
      code: "E_VALUE",
      path: `${name}/${first === "maxConnections" ? first : `tuning/${first}`}`,
      message:
        `expected sharedBuffers + maxConnections x workMem + maintenanceWorkMem within the memory limit (${megabytes(memory)}), ` +
        `got ${megabytes(buffers)} + ${count} x ${megabytes(sort)} + ${megabytes(maintenance)} = ${megabytes(total)}; ` +
        `lower workMem${left < leastWorkMemKb ? "" : ` (${left}kB fits)`}, maxConnections or sharedBuffers, or raise the limit`,
    },
  ];
}

/** Whether a server archives its WAL. */
export function archives({ archive_mode: mode = "off" }: Settings): boolean {
  return mode !== "off" && mode !== false;
}

/** Commands that report a file as archived and keep nothing of it. */
const keepsNothing = /^\s*(?:|:|true|\/(?:usr\/)?bin\/true|exit 0)\s*$/;

/** A server that says it archives its WAL, and has nothing to restore from. */
export function archiveProblems(name: string, settings: Settings): Problem[] {
  const { archive_command: command = "", archive_library: library = "" } = settings;
  if (!archives(settings) || library !== "" || !keepsNothing.test(String(command))) return [];
  return [
    {
      code: "E_VALUE",
      path: `${name}/extra/settings/archive_command`,
      message: `expected a command that keeps what it is given, got ${JSON.stringify(command)}: it looks like an archive and keeps nothing`,
    },
  ];
}
