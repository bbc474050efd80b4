import { describe, expect, it } from "vitest";
import type { Expression } from "../model/expression.ts";
import type { Resource } from "../model/resource.ts";
import { examples } from "./testing/examples.ts";
import { textOf } from "./testing/in-container.ts";
import { partNames, release } from "./versions.ts";

const text = (value: Expression): string => textOf(value, examples);

/** All that a container of the component is made of, for people to read: a change of any of it is seen. */
function described(resource: Resource): string {
  const { container, files, ports, ready, stop, volumes, process } = resource;
  if (!container) throw new Error(`${resource.name} has no container`);
  const { image } = container;
  const lines = {
    image:
      image.kind === "catalogue"
        ? `${image.name}${image.line === undefined ? "" : ` ${image.line}`}`
        : image.kind === "reference"
          ? image.reference
          : "",
    user: `${container.user.uid}:${container.user.gid}`,
    ...(container.entrypoint && { entrypoint: container.entrypoint.map(text) }),
    command: container.command.map(text),
    env: Object.fromEntries(Object.entries(container.env).map(([key, value]) => [key, text(value)])),
    ports: ports.map(
      (port) => `${port.name} ${port.number} -> ${container.ports[port.name] ?? port.number} ${port.published}`,
    ),
    mounts: container.mounts.map(({ volume, path }) => `${volume} ${path}`),
    volumes: volumes.map(({ name, dataMajor }) => `${name} of ${dataMajor}`),
    tmpfs: container.tmpfs.map(({ path }) => path),
    hostPaths: container.hostPaths.map(({ host }) => host),
    health: container.health
      ? `${container.health.argv.map(text).join(" ")}${container.health.weak ? " (weak)" : ""}`
      : "none",
    ready: ready && `${ready.kind}${"path" in ready ? ` ${ready.path}` : ""}`,
    stop: `${stop.signal} ${stop.graceMs / 1000} s`,
    process: process && `${process.provider.product} ${process.provider.major}`,
  };
  const head = Object.entries(lines).flatMap(([key, value]) =>
    (Array.isArray(value) ? value.length === 0 : JSON.stringify(value) === "{}")
      ? []
      : [`${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`],
  );
  // Rules and dashboards of all that is watched have golden files of their own, with what they are derived from.
  const shown = files.filter(({ name }) => name !== "rules.yml" && name !== "dashboard.json");
  const parts = shown.map((slot) => `--- ${slot.name} ${slot.mode.toString(8)}\n${text(slot.content)}`);
  return `${[...head, ...parts].join("\n").trimEnd()}\n`;
}

describe("the catalogue", () => {
  it.each(examples.map((each) => [each.name, each] as const))("%s, whole", async (name, resource) => {
    expect(resource.problems).toEqual([]);
    await expect(described(resource)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it("runs nothing as root but what reads the engine's socket and its control groups", () => {
    const root = examples.filter(({ container }) => container?.user.uid === 0).map(({ name }) => name);
    expect(root).toEqual(["engine", "cadvisor"]);
    const socket = examples.filter(({ container }) =>
      container?.hostPaths.some(({ host }) => host.endsWith("docker.sock")),
    );
    expect(socket.map(({ name }) => name)).toEqual(["engine"]);
  });

  it("has programs for pods of the Debian that the stack's image is made on, whose libraries they find there", () => {
    const suiteOf = (tag: string): string | undefined => /-([a-z]+)(?:-slim)?$/.exec(tag)?.[1];
    const tags = examples.flatMap(({ inPod, component }) =>
      inPod ? partNames.filter((part) => part === component) : [],
    );
    expect(tags.map((part) => [part, suiteOf(release(part).tag)])).toEqual([["nginx", suiteOf(release("node").tag)]]);
  });

  it("adds no capability, and every root is read-only", () => {
    for (const { container } of examples) {
      expect(container?.capAdd).toEqual([]);
      expect(container?.readOnlyRoot).toBe(true);
    }
  });

  it("has an image of versions.json for every component of its own", () => {
    for (const { container } of examples) {
      if (container?.image.kind !== "catalogue") continue;
      // The name is checked by looking it up.
      expect(release(container.image.name as Parameters<typeof release>[0], container.image.line).tag).not.toBe("");
    }
  });

  it("mounts every volume, and puts every file where something reads it", () => {
    for (const { container, volumes, files, name } of examples) {
      expect([name, ...(container?.mounts ?? []).map(({ volume }) => volume)]).toEqual([
        name,
        ...volumes.map((each) => each.name),
      ]);
      for (const slot of Object.keys(container?.files ?? {})) expect(files.map((each) => each.name)).toContain(slot);
    }
  });
});
