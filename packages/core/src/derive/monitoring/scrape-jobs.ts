import { bare, type Config } from "../../components/config-text.ts";
import { self, told } from "../../components/self.ts";
import { toMs } from "../../model/quantity.ts";
import type { FileSlot, Resource } from "../../model/resource.ts";
import { durationText } from "../../promql/text.ts";
import type { StackIdentity } from "../derive-files.ts";
import { metricSources, type MetricSource } from "./sources.ts";

/** The scrape jobs of a stack, and the files with passwords that they read. */
export interface ScrapeJobs {
  readonly jobs: readonly Config[];
  readonly files: readonly FileSlot[];
  /** Whom the scraper has to reach. */
  readonly observes: readonly string[];
}

/**
 * One job for each place that serves metrics, named like its resource (and the port, where a resource has several), with
 * the resource it tells about as a label. Replicas are found by name, for one name stands for all of them.
 */
export function scrapeJobs(scraper: string, resources: readonly Resource[], stack: StackIdentity): ScrapeJobs {
  const sources = metricSources(resources);
  const jobs = sources.map((source): Config => ({
    job_name: jobName(source, sources),
    ...(source.every !== undefined && { scrape_interval: durationText(toMs(source.every)) }),
    metrics_path: source.path,
    ...(source.timestamps === "scrape" && { honor_timestamps: false }),
    ...(source.basicAuth && {
      basic_auth: {
        username: source.basicAuth.user,
        password_file: { kind: "path", of: "file", resource: scraper, name: passwordFile(source) },
      },
    }),
    ...(source.through && {
      params: {
        ...(source.through.module !== undefined && { module: [source.through.module] }),
        target: [lookedAt(source.of, source.through)],
      },
    }),
    ...targets(source),
    ...samples(source, stack),
  }));
  return {
    jobs,
    files: sources.flatMap((source) =>
      source.basicAuth ? [{ name: passwordFile(source), content: source.basicAuth.password, mode: 0o600 }] : [],
    ),
    observes: [...new Set(sources.map(({ resource }) => resource))].filter((name) => name !== scraper),
  };
}

/** The `job` label of a source. */
export function jobName(source: MetricSource, sources: readonly MetricSource[]): string {
  if (source.through) return `${source.resource}-${source.of}-${source.through.port}`;
  const alone = sources.filter(({ resource }) => resource === source.resource).length === 1;
  return alone ? source.resource : `${source.resource}-${source.port}`;
}

/** A URL where HTTP is spoken, else host and port, to which the exporter connects. */
function lookedAt(of: string, { module, port }: NonNullable<MetricSource["through"]>): Config {
  return module === "http" ? told(of).url(port) : told(of).address(port);
}

function targets({ resource, port, of, found, inPod, through }: MetricSource): { readonly [key: string]: Config } {
  const { at, address } = self(resource);
  const relabel: Config[] = [
    ...(found ? [{ target_label: "resource", replacement: of }] : []),
    // The instance that is told about, not the one that was asked.
    ...(through ? [{ source_labels: ["__param_target"], target_label: "instance" }] : []),
    ...(inPod ? [{ source_labels: ["__address__"], regex: "(.+):[0-9]+", target_label: "instance" }] : []),
  ];
  return {
    ...(found
      ? {
          dns_sd_configs: [
            { names: [at(port, "host")], type: "A", port: bare(at(port, "port")), refresh_interval: "5s" },
          ],
        }
      : { static_configs: [{ targets: [address(port)], labels: { resource: of } }] }),
    ...(relabel.length > 0 && { relabel_configs: relabel }),
  };
}

/** Which samples are taken, and with which labels. */
function samples(
  { owner, rename = {} }: MetricSource,
  { name, environment }: StackIdentity,
): { readonly [key: string]: Config } {
  const relabel: Config[] = [
    // By its labels as they come: a rename may replace them.
    ...(owner
      ? [
          {
            source_labels: [owner.stack, owner.environment],
            regex: [name, environment].map(escaped).join(";"),
            action: "keep",
          },
        ]
      : []),
    ...Object.entries(rename).map(([from, to]) => ({
      source_labels: [from],
      // What has no such label keeps what it has.
      regex: "(.+)",
      target_label: to,
    })),
  ];
  return relabel.length > 0 ? { metric_relabel_configs: relabel } : {};
}

/** Text that a regular expression (RE2) takes as it is. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function passwordFile({ resource, port }: MetricSource): string {
  return `scrape-${resource}-${port}`;
}
