import { describe, expect, it } from "vitest";
import type { Strength } from "../model/expression.ts";
import type { Condition } from "../model/resource.ts";
import { graphMermaid } from "./graph-mermaid.ts";
import { graphSvg } from "./graph-svg.ts";
import { graphText } from "./graph-text.ts";
import { arrowsOf } from "./graph.ts";
import { startOrder } from "./order.ts";
import { podStack } from "../targets/testing/pod-stack.ts";
import { sampleGraph } from "./testing/sample-graph.ts";

describe("the graph", () => {
  it("as text", () => {
    expect(`\n${graphText(sampleGraph())}\n`).toMatchInlineSnapshot(`
      "
      1  postgres            postgres
      2  postgres-provision  job                needs postgres
      1  redis               redis
      3  migrate             job                needs postgres, postgres-provision
      4  api-gateway         service            needs postgres, postgres-provision, migrate; uses redis, edge
      4  event-processor     service            needs postgres, postgres-provision, migrate
      4  query-service       service            needs postgres, postgres-provision, migrate
      4  rollup              schedule           needs migrate; uses warehouse
      1  report              command            uses warehouse
      1  warehouse           external postgres
      1  edge                nginx              uses api-gateway, query-service
      1  prometheus          prometheus         observes api-gateway, postgres
      "
    `);
  });

  it("says of a service in which pod it is", () => {
    expect(`\n${graphText(podStack())}\n`).toMatchInlineSnapshot(`
      "
      1  postgres            postgres
      2  postgres-provision  job                    needs postgres
      3  migrate             job                    needs postgres, postgres-provision
      4  users               service in core        needs migrate, postgres, postgres-provision
      5  gateway             service in core        needs users, postgres, postgres-provision
      1  pages               service in experience  uses gateway
      1  mailer              service in experience  uses users
      1  pages-edge          nginx in experience    uses pages, users
      1  nginx               nginx                  uses pages, gateway
      1  prometheus          prometheus             observes users, gateway, pages, mailer
      "
    `);
  });

  it("as Mermaid", async () => {
    await expect(graphMermaid(sampleGraph())).toMatchFileSnapshot("golden/sample.mmd");
  });

  it("as a picture", async () => {
    await expect(graphSvg(sampleGraph())).toMatchFileSnapshot("golden/sample.svg");
  });

  it("as a picture keeps boxes apart, whatever the order of the resources", () => {
    const { resources, edges } = sampleGraph();
    for (let turn = 0; turn < resources.length; turn++) {
      const turned = [...resources.slice(turn), ...resources.slice(0, turn)];
      expect(overlaps(graphSvg({ resources: turned, edges }))).toEqual([]);
    }
  });

  it("is empty where there is nothing", () => {
    const nothing = { resources: [], edges: [] };
    expect(graphText(nothing)).toBe("");
    expect(graphMermaid(nothing)).toBe("flowchart TD\n");
    expect(graphSvg(nothing)).toContain("<title>0 resources");
  });
});

describe("the arrows", () => {
  it("are one a pair, as strong as its strongest edge, whichever comes first", () => {
    const edge = (strength: Strength, condition: Condition) => ({ from: "a", to: "b", strength, condition, why: "x" });
    const [weak, strong] = [edge("observes", "started"), edge("needs", "healthy")];
    const arrow = [{ from: "a", to: "b", strength: "needs" }];
    expect(arrowsOf({ resources: [], edges: [weak, strong] })).toEqual(arrow);
    expect(arrowsOf({ resources: [], edges: [strong, weak] })).toEqual(arrow);
  });
});

describe("the order of the start", () => {
  it("puts each resource after what it needs, and says why", () => {
    const steps = startOrder(sampleGraph());
    expect(steps.map(({ name, wave }) => `${wave} ${name}`)).toEqual([
      "1 postgres",
      "2 postgres-provision",
      "1 redis",
      "3 migrate",
      "4 api-gateway",
      "4 event-processor",
      "4 query-service",
      "4 rollup",
      "1 report",
      "1 warehouse",
      "1 edge",
      "1 prometheus",
    ]);
    expect(steps[3]?.because.map(({ to, why }) => `${to} ${why}`)).toEqual([
      "postgres config/databaseUrl",
      "postgres-provision config/databaseUrl",
    ]);
  });

  it("sorts a chain of 10,000 declared backwards", () => {
    const resources = Array.from({ length: 10_000 }, (_, index) => ({
      name: `s${index}`,
      kind: "service" as const,
      component: "program",
    }));
    const edges = resources.slice(1).map(({ name }, index) => ({
      from: `s${index}`,
      to: name,
      strength: "needs" as const,
      condition: "healthy" as const,
      why: "after",
    }));
    const steps = startOrder({ resources, edges });
    expect(steps.map(({ name }) => name)).toEqual(resources.map(({ name }) => name).reverse());
    expect(steps.at(-1)?.wave).toBe(10_000);
  });
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function overlaps(svg: string): string[] {
  const boxes = [...svg.matchAll(/<rect class="\w+" x="([-\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map(
    ([, x, y, width]): Box => ({ x: Number(x), y: Number(y), width: Number(width) }),
  );
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => a.y === b.y && a.x < b.x + b.width && b.x < a.x + a.width)
      .map((b) => `${a.x} and ${b.x} at ${a.y}`),
  );
}
