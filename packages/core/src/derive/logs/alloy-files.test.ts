import { parser } from "@grafana/lezer-logql";
import { describe, expect, test } from "vitest";
import { alloy } from "../../components/monitoring/alloy.ts";
import { cadvisor } from "../../components/exporters/cadvisor.ts";
import { grafana } from "../../components/monitoring/grafana.ts";
import { loki } from "../../components/monitoring/loki.ts";
import { socketProxy } from "../../components/monitoring/socket-proxy.ts";
import { plainLabel } from "../../model/container-labels.ts";
import { literal } from "../../model/expression.ts";
import { memberPrefix } from "../../model/member-prefix.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { renderCompose } from "../../targets/compose/render-compose.ts";
import { renderSwarm } from "../../targets/swarm/render-swarm.ts";
import { podStack } from "../../targets/testing/pod-stack.ts";
import { textOf } from "../monitoring/testing/text-of.ts";
import { alloyFiles } from "./alloy-files.ts";

const engine = socketProxy("engine");
const logs = loki("loki", {});
const collector = alloy("alloy", { loki: logs, engine });
const derivation = {
  kind: "alloy",
  engine: literal("tcp://engine:2375"),
  push: literal("http://loki:3100/push"),
} as const;
const shop = { name: "shop", environment: "prod" };

function configOf(all: Parameters<typeof alloyFiles>[2]): string {
  const [file] = alloyFiles(collector, derivation, all, shop).files;
  if (!file) throw new Error("expected a file");
  return textOf(file.content);
}

/** Labels and text with which a line of the pod `core` arrives at Loki, by the stages of the configuration. */
function arrives(config: string, line: string): { readonly resource: string; readonly line: string } {
  const [, after = ""] = config.split('selector = "{resource=\\"core\\"}"');
  const [, expression = ""] = /expression = "(.*)"/.exec(after) ?? [];
  // RE2's words for what JavaScript says otherwise.
  const pattern = new RegExp(expression.replace("(?s)", "").replaceAll("(?P<", "(?<"), "s");
  const { member, line: rest } = pattern.exec(line)?.groups ?? {};
  return { resource: member ?? "core", line: rest ?? line };
}

describe("what Alloy makes of the lines of a stack", () => {
  test("those of other stacks on the host are not read", () => {
    expect(configOf([logs])).toContain(
      'name = "label"\n    values = ["caisson.stack=shop","caisson.environment=prod"]',
    );
  });

  test("a pod's are labelled by their member, without its prefix; the supervisor's own by the pod", async () => {
    const config = configOf(podStack().resources);
    await expect(config).toMatchFileSnapshot("golden/pods.alloy");
    const line = '{"level":"info","trace_id":"4bf92f35","msg":"a | b\\nusers | c"}';
    expect(arrives(config, memberPrefix("users") + line)).toEqual({ resource: "users", line });
    expect(arrives(config, memberPrefix("gateway"))).toEqual({ resource: "gateway", line: "" });
    expect(arrives(config, "pod | users is Running")).toEqual({ resource: "core", line: "pod | users is Running" });
    expect(arrives(config, "pages | of another pod").resource).toBe("core");
  });

  test("a pod's container, and no other, has its name as the label pod", () => {
    const [, regex = ""] = /regex = "(.*)"\n {4}target_label = "pod"/.exec(configOf(podStack().resources)) ?? [];
    // What a rule puts into its label is the first group of what matches as a whole.
    const label = (resource: string) => new RegExp(`^(?:${regex})$`).exec(resource)?.[1];
    expect(["core", "experience", "postgres"].map(label)).toEqual(["core", "experience", undefined]);
  });

  test("every selector is LogQL, and names a label that a line has by then", () => {
    const selectors = [...configOf(podStack().resources).matchAll(/selector = ("(?:[^"\\]|\\.)*")/g)];
    expect(selectors).toHaveLength(2);
    for (const [, text = '""'] of selectors) {
      const selector = JSON.parse(text) as string;
      parser.parse(selector).iterate({ enter: ({ type }) => expect(type.isError, selector).toBe(false) });
      expect(selector).toMatch(/^\{resource="/);
    }
  });

  test("a container is seen within seconds, and lines wait for a Loki that is away, however long", () => {
    const config = configOf([logs]);
    expect(config).toMatch(/^discovery\.docker "stack" \{\n {2}host = ".*"\n {2}refresh_interval = "5s"\n/m);
    // 0 is without end: dskit's backoff, which Alloy takes it to.
    expect(config).toMatch(
      / {2}endpoint \{\n {4}url = ".*"\n {4}max_backoff_period = "30s"\n {4}max_backoff_retries = 0\n/,
    );
  });

  test("without pods there are no stages", () => {
    expect(configOf([logs])).not.toContain("loki.process");
  });

  const image = { reference: "caisson/shop:0", root: "/app", builtins: {} };
  test.each([
    ["compose", renderCompose],
    ["swarm", renderSwarm],
  ] as const)("the labels that Alloy and cAdvisor go by are on every container of %s", (_, render) => {
    const stack = resolveStack(
      defineStack("shop", [engine, logs, collector, cadvisor("cadvisor", { engine }), grafana("grafana")]),
    );
    const { artifacts } = render(stack, image);
    const file = artifacts.find(({ path }) => path === "compose.yaml" || path === "stack.yaml")?.text ?? "";
    const config = artifacts.find(({ path }) => path.endsWith("config.alloy"))?.text ?? "";
    const read = [...config.matchAll(/__meta_docker_container_label_(\w+)/g)].map(([, label]) => label);
    const watched = /whitelisted_container_labels=([\w.,]+)/.exec(file)?.[1]?.split(",") ?? [];
    expect([read.length, watched.length]).toEqual([3, 3]);
    const blocks = [...file.matchAll(/^ {4}labels:\n((?: {6}.*\n)+)/gm)].map(([, text = ""]) => text);
    expect(blocks).toHaveLength(5);
    for (const block of blocks) {
      const labels = [...block.matchAll(/^ {6}"?([\w.]+)"?:/gm)].map(([, name = ""]) => name);
      expect(labels).toEqual(expect.arrayContaining(watched));
      expect(labels.map(plainLabel)).toEqual(expect.arrayContaining(read));
    }
  });
});
