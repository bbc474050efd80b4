import { encodeConfig } from "../../codec/encode-config.ts";
import { envName } from "../../codec/env-name.ts";
import { concat, literal, type Expression } from "../../model/expression.ts";
import type { ContainerFacet } from "../../model/container.ts";
import type { FileSlot, Resource } from "../../model/resource.ts";
import { follow } from "../../resolve/follow.ts";
import { readerFiles } from "../../resolve/reader-files.ts";
import { nodeArguments } from "./node-arguments.ts";

/**
 * How one replica of a resource runs as a process: expressions whose references are followed, evaluated by the
 * runtime. `env` and `argv` never hold a secret; `files` may.
 */
export interface Launch {
  readonly argv: readonly Expression[];
  readonly env: Readonly<Record<string, Expression>>;
  readonly files: readonly FileSlot[];
  /** A folder as a `path` expression or a literal relative to the stack's root. */
  readonly cwd: Expression;
  readonly user: "service" | "self";
  readonly prepare: readonly (readonly Expression[])[];
  /** `true`: several may listen on one port at once, so a new one can start beside the old one. */
  readonly sharesPort: boolean;
  /** Present: it runs in a container, and addresses and paths of the above are those inside. */
  readonly container?: ContainerLaunchFacts;
}

/** A network that a container is on. */
export interface ContainerNetwork {
  readonly name: string;
  /** `true`: no way out, no way in. */
  readonly internal: boolean;
  /** How many containers are on it, every replica counted. */
  readonly members: number;
}

/** What a container's run has beyond a process's. */
export interface ContainerLaunchFacts extends Pick<
  ContainerFacet,
  | "user"
  | "readOnlyRoot"
  | "tmpfs"
  | "capAdd"
  | "init"
  | "ulimits"
  | "shmBytes"
  | "mounts"
  | "hostPaths"
  | "log"
  | "entrypoint"
> {
  readonly image: string;
  /** `true`: the image with the stack's programs, which no registry has. */
  readonly ownImage: boolean;
  readonly networks: readonly ContainerNetwork[];
  /** Ports on the host, by name. */
  readonly ports: readonly { readonly name: string; readonly inner: number; readonly where: "loopback" | "all" }[];
  readonly health?: readonly Expression[];
  /** Where each file is inside, by its name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What `path` expressions of kind `binary` and `program` stand for is the runtime's: `node`, and files below the root. */
export function processLaunch(resource: Resource, byName: ReadonlyMap<string, Resource>): Launch {
  return resource.program ? programLaunch(resource, byName) : componentLaunch(resource, byName);
}

function componentLaunch(resource: Resource, byName: ReadonlyMap<string, Resource>): Launch {
  const { process, name } = resource;
  const all = (values: readonly Expression[]): Expression[] =>
    values.map((value) => follow(value, byName) ?? literal(""));
  return {
    argv: all(process?.argv ?? []),
    env: mapValues(process?.env ?? {}, (value) => follow(value, byName)),
    files: [...resource.files, ...readerFiles(resource, byName)].map((slot) => ({
      ...slot,
      content: follow(slot.content, byName) ?? literal(""),
    })),
    cwd: { kind: "path", of: "runtime", resource: name, name: "" },
    user: process?.user ?? "self",
    prepare: (process?.prepare ?? []).map(all),
    sharesPort: false,
  };
}

function programLaunch(resource: Resource, byName: ReadonlyMap<string, Resource>): Launch {
  const { program, name } = resource;
  if (!program) throw new Error(`${name} runs no program`);
  const { env, files } = encodeConfig(
    program.config,
    mapValues(resource.config, (value) => follow(value, byName)),
  );
  const file = (key: string): Expression => ({ kind: "path", of: "file", resource: name, name: key });
  const http = resource.ports.some((port) => port.name === "http");
  const sharesPort = resource.kind === "service" && program.management;
  return {
    argv: programArgv(resource),
    env: {
      ...env,
      ...Object.fromEntries(Object.keys(files).map((key) => [`${envName(key)}_FILE`, file(key)])),
      ...(http && listener(name, "http", "HOST", "PORT")),
      ...(sharesPort && {
        ...listener(name, "management", "MANAGEMENT_HOST", "MANAGEMENT_PORT"),
        REUSE_PORT: literal("1"),
      }),
      OTEL_SERVICE_NAME: literal(name),
      ...(resource.logLevel && { LOG_LEVEL: literal(resource.logLevel) }),
    },
    files: [
      ...Object.entries(files).map(([key, content]) => ({ name: key, content, mode: 0o600 })),
      ...readerFiles(resource, byName),
    ],
    cwd: {
      kind: "path",
      of: "program",
      resource: name,
      name: program.runtime.kind === "command" ? program.runtime.cwd.path : "",
    },
    user: "self",
    prepare: [],
    sharesPort,
  };
}

function programArgv(resource: Resource): Expression[] {
  const { name, program } = resource;
  const path = (of: "binary" | "program", what: string): Expression => ({
    kind: "path",
    of,
    resource: name,
    name: what,
  });
  switch (program?.runtime.kind) {
    case "node":
      return [
        path("binary", "node"),
        ...nodeArguments(resource.resources.limits.memory).map((each) => literal(each)),
        path("program", program.runtime.main.path),
      ];
    case "command":
      return program.runtime.argv.map((each) => literal(each));
    case "builtin":
      return [path("binary", "node"), path("binary", program.runtime.name)];
    default:
      throw new Error(`${name} runs no program`);
  }
}

function listener(resource: string, port: string, host: string, number: string): Record<string, Expression> {
  return {
    [host]: { kind: "address", resource, port, part: "bind" },
    [number]: concat({ kind: "address", resource, port, part: "port" }),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U | undefined): Record<string, U> {
  const entries = Object.entries(record).flatMap(([key, value]): [string, U][] => {
    const mapped = map(value);
    return mapped === undefined ? [] : [[key, mapped]];
  });
  return Object.fromEntries(entries);
}
