import { resourcesOf, type AmountOptions } from "../model/amounts.ts";
import { containerFacet } from "../model/container-defaults.ts";
import type { ContainerFacet } from "../model/container.ts";
import { texts, type Expression } from "../model/expression.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Probe, ProcessFacet, Resource } from "../model/resource.ts";
import { self } from "./self.ts";
import type { PartName } from "./versions.ts";

/** Options every server of the catalogue has. */
export interface ServerOptions extends AmountOptions {
  /** `true`: left out, with a word, where the target cannot run it. Default `false`. */
  readonly optional?: boolean;
}

/** A server in one go: the same arguments as a process and in the container of its image. */
export interface ServerParts extends Partial<Omit<Resource, "container" | "process" | "program" | "resources">> {
  readonly part: PartName;
  readonly line: string;
  /** The program's name, for the process; an image brings it as its entrypoint. */
  readonly program: string;
  readonly args: readonly (string | Expression)[];
  readonly probe: Probe;
  readonly container: Pick<ContainerFacet, "user"> & Partial<ContainerFacet>;
  readonly process?: Partial<ProcessFacet>;
}

/** The resource of a server; `options` are the user's, for limits and optionality. */
export function server(name: string, options: ServerOptions, parts: ServerParts): Resource {
  const { part, line, program, args, probe, container, process, ...rest } = parts;
  const argv = texts(...args);
  return {
    ...baseResource("component", part, name),
    optional: options.optional ?? false,
    ready: probe,
    live: probe,
    resources: resourcesOf(options),
    process: processFacet(part, Number.parseInt(line, 10), {
      argv: [self(name).path("binary", program), ...argv],
      ...process,
    }),
    container: containerFacet({ image: { kind: "catalogue", name: part, line }, command: argv, ...container }),
    ...rest,
  };
}

/** A command of an image that is its own health check. */
export function healthCommand(...argv: readonly (string | Expression)[]): NonNullable<ContainerFacet["health"]> {
  return { argv: texts(...argv), weak: false };
}

/** The check of images that bring busybox: 127.0.0.1, for it tries ::1 first where many daemons do not listen. */
export function wgetHealth(port: number, path: string): NonNullable<ContainerFacet["health"]> {
  return healthCommand("wget", "-q", "--spider", `http://127.0.0.1:${port}${path}`);
}
