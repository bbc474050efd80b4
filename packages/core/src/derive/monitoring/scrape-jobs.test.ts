import { describe, expect, it } from "vitest";
import { cadvisor } from "../../components/exporters/cadvisor.ts";
import { socketProxy } from "../../components/monitoring/socket-proxy.ts";
import { scrapeJobs } from "./scrape-jobs.ts";

const engine = socketProxy("engine");

describe("the scrape of what tells of every container of its host", () => {
  const { jobs } = scrapeJobs("prometheus", [engine, cadvisor("cadvisor", { engine })], {
    name: "shop",
    environment: "eu.west",
  });
  const [keep, rename] = (jobs as readonly { metric_relabel_configs: { regex: string }[] }[])[0]
    ?.metric_relabel_configs ?? [undefined, undefined];

  it("takes what is about the stack, then gives it the label of its resource", () => {
    expect([keep, rename]).toEqual([
      {
        source_labels: ["container_label_caisson_stack", "container_label_caisson_environment"],
        regex: String.raw`shop;eu\.west`,
        action: "keep",
      },
      { source_labels: ["container_label_caisson_resource"], regex: "(.+)", target_label: "resource" },
    ]);
  });

  it("drops another stack's, another environment's and nobody's", () => {
    // As Prometheus does: the whole of the labels with a semicolon between.
    const pattern = new RegExp(`^(?:${keep?.regex ?? ""})$`);
    const samples = ["shop;eu.west", "shop;eu-west", "shop;eu.west2", "shop;dev", "my-shop;eu.west", ";"];
    expect(samples.filter((each) => pattern.test(each))).toEqual(["shop;eu.west"]);
  });
});
