import { describe, expect, onTestFinished, test } from "vitest";
import type { ContainerNetwork } from "@caisson/core/run";
import { dockerNetworks, type DockerNetworks } from "./networks.ts";
import { label } from "./labels.ts";
import { parseSubnet, type Subnet } from "./subnets.ts";
import { testEngine } from "./testing/engine.ts";

const engine = await testEngine();
const of = (text: string): Subnet => parseSubnet(text) ?? expect.fail(text);

describe.skipIf(engine.missing !== "")(`on a Docker Engine${engine.missing && ` (skipped: ${engine.missing})`}`, () => {
  const { docker } = engine;

  /** The networks of one stack; they go with the test. */
  function networksOf(
    stack: string,
    ...pools: readonly Subnet[]
  ): DockerNetworks & { subnets(): Promise<Record<string, string>> } {
    const project = `networks-${process.pid}-${stack}`;
    const networks = dockerNetworks(docker, { project, instance: project, pools });
    onTestFinished(() => networks.remove());
    const subnets = async (): Promise<Record<string, string>> => {
      const found = await docker.listNetworks({ filters: { label: [`${label.instance}=${project}`] } });
      return Object.fromEntries(
        found.map(({ Name, IPAM }) => [Name.replace(`${project}_`, ""), IPAM?.Config?.[0]?.Subnet ?? ""]),
      );
    };
    return { ...networks, subnets };
  }

  const many = (count: number, members = 2): ContainerNetwork[] =>
    Array.from({ length: count }, (_, at) => ({ name: `to-${at}`, internal: true, members }));

  test("two stacks that start at once get more networks than the engine's pools have, none meets another", async () => {
    const pool = of("10.202.0.0/20");
    const [one, two] = [networksOf("one", pool), networksOf("two", pool)];
    await Promise.all([one.ensure(many(18)), two.ensure([...many(17), ...many(18, 30).slice(17)])]);
    const subnets = [...Object.values(await one.subnets()), ...Object.values(await two.subnets())];
    expect(new Set(subnets).size).toBe(36);
    expect(subnets.filter((each) => each.endsWith("/27"))).toHaveLength(35);
    expect((await two.subnets())["to-17"]).toMatch(/\/26$/);
  });

  test("what is there stays as it is, also for an agent that did not make it", async () => {
    const pool = of("10.202.16.0/24");
    const before = networksOf("again", pool);
    await before.ensure(many(1));
    const subnets = await before.subnets();
    await networksOf("again", pool).ensure(many(1, 40));
    expect(await before.subnets()).toEqual(subnets);
  });

  test("a pool without room says so, and a network that could not be made is made once there is", async () => {
    const pool = of("10.202.17.0/27");
    const first = networksOf("first", pool);
    await first.ensure(many(1));
    const second = networksOf("second", pool);
    await expect(second.ensure(many(1))).rejects.toMatchObject({
      code: "E_NETWORKS",
      message: expect.stringMatching(/room for 2 containers of networks-\d+-second_to-0 in 10\.202\.17\.0\/27/),
    });
    await first.remove();
    await second.ensure(many(1));
    expect(await second.subnets()).toEqual({ "to-0": "10.202.17.0/27" });
  });
});
