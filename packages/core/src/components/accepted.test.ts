import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Resource } from "../model/resource.ts";
import { examples } from "./testing/examples.ts";
import { textOf, type Places } from "./testing/in-container.ts";

// Each file, whole, read by the program it is for. A broker has no check of its own: it is started, with its own tests.
const folder = mkdtempSync(join(tmpdir(), "caisson-accepted-"));
afterAll(() => rmSync(folder, { recursive: true }));

const here: Places = {
  file: (resource, name) => join(folder, resource.name, name),
  volume: (resource, name) => join(folder, resource.name, `volume-${name}`),
  host: () => "127.0.0.1",
  bind: "127.0.0.1",
  port: ({ ports }, name) => ports.find((port) => port.name === name)?.number || 9,
};

function delivered(name: string): string {
  const resource = examples.find((each): each is Resource => each.name === name);
  if (!resource) throw new Error(`there is no example ${name}`);
  mkdirSync(join(folder, name), { recursive: true });
  for (const slot of resource.files) writeFileSync(join(folder, name, slot.name), textOf(slot.content, examples, here));
  return join(folder, name);
}

const isHere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

describe.each([
  ["promtool", "prometheus", ["check", "config", "prometheus.yml"]],
  ["amtool", "alertmanager", ["check-config", "alertmanager.yml"]],
])("%s (skipped where it is absent)", (program, name, argv) => {
  it.skipIf(!isHere(program))(`takes the configuration of ${name}`, () => {
    const { status, stdout, stderr } = spawnSync(program, argv, { cwd: delivered(name), encoding: "utf8" });
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.any(String)]);
  });
});
