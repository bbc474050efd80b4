import type { Problem } from "../errors/problem.ts";
import { resourcesOf } from "../model/amounts.ts";
import { containerFacet } from "../model/container-defaults.ts";
import { literal, type Expression } from "../model/expression.ts";
import { freeze } from "../model/freeze.ts";
import { isExpression } from "../model/is-expression.ts";
import { processFacet } from "../model/process-defaults.ts";
import { baseResource } from "../model/resource-defaults.ts";
import type { Port, Probe, Resource } from "../model/resource.ts";
import type { After } from "../model/service.ts";
import { toDependency } from "../model/service.ts";
import type { Value, ValueKind } from "../model/value.ts";
import { self } from "./self.ts";
import type { ServerOptions } from "./server.ts";
import { goneImage } from "./versions.ts";

/** A probe of one of the ports `P`. */
type ProbeOf<P extends string, A extends Probe = Probe> = A extends { readonly port: string }
  ? Omit<A, "port"> & { readonly port: P }
  : A;

/** Options of a container of an image that the catalogue does not have. */
export interface ContainerOptions<P extends string> extends ServerOptions {
  /** With a tag that does not move, or a digest. */
  readonly image: string;
  /** In place of the image's command. */
  readonly command?: readonly (string | Value<ValueKind>)[];
  /** A value with a secret is refused here: give it as a file. */
  readonly env?: Readonly<Record<string, string | Value<ValueKind>>>;
  /** Files by the path the program reads them at; where secrets go. */
  readonly files?: Readonly<Record<string, string | Value<ValueKind>>>;
  /** Ports by name, with their number inside. */
  readonly ports?: Readonly<
    Record<P, { readonly number: number; readonly protocol?: Port["protocol"]; readonly public?: boolean }>
  >;
  /** Volumes by name, with the path the program keeps its data at. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** How readiness is asked for, in the protocol of one of the ports. */
  readonly probe: ProbeOf<NoInfer<P>>;
  /** Whom it runs as. Default 1000. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Folders it writes to that nobody keeps. */
  readonly tmpfs?: readonly string[];
  /** `true`: it writes to its root; the default is that it cannot. */
  readonly writableRoot?: boolean;
  /** `true`: talks to hosts outside the stack. Default `false`. */
  readonly egress?: boolean;
  readonly after?: readonly After[];
}

/** Anything in a container; `urls` has an HTTP address for each port. */
export type Container<P extends string> = Resource & { readonly urls: Readonly<Record<P, Value<"http-url">>> };

/** An image of your own or somebody else's, as a resource like all others: probed, limited, on the networks of its references. */
export function container<const P extends string = never>(name: string, options: ContainerOptions<P>): Container<P> {
  const { url } = self(name);
  const ports = Object.entries<{ number: number; protocol?: Port["protocol"]; public?: boolean }>(options.ports ?? {});
  const volumes = Object.entries(options.volumes ?? {});
  const files = Object.entries(options.files ?? {}).map(([path, content], index) => ({
    path,
    content,
    slot: `file-${index}`,
  }));
  const node = {
    ...baseResource("component", "container", name),
    optional: options.optional ?? false,
    after: (options.after ?? []).map(toDependency),
    ports: ports.map(([port, { number, protocol = "http", public: open }]): Port => ({
      name: port,
      number,
      protocol,
      fixed: false,
      published: open === true ? "always" : "never",
    })),
    egress: options.egress ?? false,
    files: files.map(({ slot, content }) => ({ name: slot, content: expressionOf(content), mode: 0o600 })),
    volumes: volumes.map(([volume]) => ({ name: volume, dataMajor: 1 })),
    ready: options.probe,
    live: options.probe,
    resources: resourcesOf(options),
    process: processFacet("container", 0),
    container: containerFacet({
      image: { kind: "reference", reference: options.image },
      command: (options.command ?? []).map(expressionOf),
      env: Object.fromEntries(Object.entries(options.env ?? {}).map(([key, value]) => [key, expressionOf(value)])),
      user: options.user ?? { uid: 1000, gid: 1000 },
      readOnlyRoot: options.writableRoot !== true,
      tmpfs: (options.tmpfs ?? []).map((path) => ({ path })),
      mounts: volumes.map(([volume, path]) => ({ volume, path, ownedByImage: false })),
      files: Object.fromEntries(files.map(({ slot, path }) => [slot, { path }])),
      ports: Object.fromEntries(ports.map(([port, { number }]) => [port, number])),
    }),
    problems: imageProblems(name, options.image),
    outputs: Object.fromEntries(
      ports.map(([port]) => [
        `url-${port}`,
        {
          type: "http-url" as const,
          value: url(port),
          strength: "uses" as const,
          condition: "healthy" as const,
        },
      ]),
    ),
    urls: Object.fromEntries(
      ports.map(([port]) => [port, { kind: "ref", resource: name, output: `url-${port}` } as const]),
    ) as Record<P, Value<"http-url">>,
  };
  return freeze(node);
}

function expressionOf(value: string | Value<ValueKind>): Expression {
  return isExpression(value) ? value : literal(value);
}

function imageProblems(name: string, image: string): Problem[] {
  const old = goneImage(image);
  const path = `${name}/image`;
  if (old)
    return [
      {
        code: "E_PART_GONE",
        path,
        message: `${image} is ${old.name}, which nobody maintains since ${old.since}; use ${old.successor}(...) of the catalogue`,
      },
    ];
  const pinned = image.includes("@sha256:") || /:(?!latest$|stable$|edge$|nightly$)[\w.-]+$/.test(image);
  return pinned
    ? []
    : [
        {
          code: "E_VALUE",
          path,
          message: `expected a tag that does not move, or a digest, got ${JSON.stringify(image)}`,
        },
      ];
}
