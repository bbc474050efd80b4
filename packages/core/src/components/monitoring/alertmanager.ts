import { concat } from "../../model/expression.ts";
import { devPort } from "../../model/ports.ts";
import type { Duration } from "../../model/quantity.ts";
import type { FileSlot, Resource } from "../../model/resource.ts";
import type { Value } from "../../model/value.ts";
import { yamlText, type Config } from "../config-text.ts";
import { alertmanagerAlerts, alertmanagerMetrics } from "../metrics/alertmanager.ts";
import { self } from "../self.ts";
import { server, wgetHealth, type ServerOptions } from "../server.ts";
import { withUrls } from "../with-urls.ts";

/** Mail: every alert goes there. */
export interface EmailReceiver {
  readonly to: string;
  readonly from: string;
  /** `host:port` of the mail server; STARTTLS is demanded. */
  readonly smarthost: string;
  readonly user?: string;
  readonly password?: Value<"secret">;
}

/** Options of an Alertmanager. */
export interface AlertmanagerOptions extends ServerOptions {
  /** Default 9093. */
  readonly port?: number;
  readonly email?: EmailReceiver;
  /** Slack's webhook; gets what is a warning or worse. */
  readonly slack?: { readonly webhook: Value<"secret">; readonly channel: string };
  /** PagerDuty's routing key; gets what is critical only. */
  readonly pagerduty?: { readonly routingKey: Value<"secret"> };
  /** Gets every alert: a program of the stack, by its `url`, or an address outside. */
  readonly webhook?: Value<"http-url">;
  /**
   * How long alerts of one kind and resource are gathered before the first is told, and before more of them are. Default
   * `30s` and `5m`.
   */
  readonly gather?: { readonly first: Duration; readonly more: Duration };
  /** How long an alert that still fires is not told again. Default `4h`. */
  readonly repeat?: Duration;
}

/** An Alertmanager; a Prometheus takes it by reference. */
export type Alertmanager = Resource & { readonly url: Value<"http-url"> };

/** Alertmanager: groups alerts of one resource, tells by severity, says when they are over. */
export function alertmanager(name: string, options: AlertmanagerOptions = {}): Alertmanager {
  const { bind, url, path } = self(name);
  return withUrls(
    server(name, options, {
      part: "alertmanager",
      line: "0",
      program: "alertmanager",
      args: [
        concat("--config.file=", path("file", "alertmanager.yml")),
        concat("--storage.path=", path("volume", "data")),
        concat("--web.listen-address=", bind("http")),
        // One of its kind: it waits for no peers.
        "--cluster.listen-address=",
      ],
      ports: [devPort("http", options.port ?? 9093)],
      files: [
        ...secretFiles(options),
        { name: "alertmanager.yml", mode: 0o644, content: yamlText(configOf(options, path)) },
      ],
      volumes: [{ name: "data", dataMajor: 0, holds: "history" }],
      probe: { kind: "http", port: "http", path: "/-/ready" },
      metrics: [{ port: "http", path: "/metrics", list: alertmanagerMetrics }],
      alerts: alertmanagerAlerts(name),
      egress: leavesStack(options),
      ...(hasReceiver(options) ? {} : { tellsNobody: true }),
      container: {
        user: { uid: 65_534, gid: 65_534 },
        mounts: [{ volume: "data", path: "/alertmanager", ownedByImage: true }],
        ports: { http: 9093 },
        health: wgetHealth(9093, "/-/ready"),
      },
    }),
    { url: url("http") },
  );
}

function hasReceiver({ email, slack, pagerduty, webhook }: AlertmanagerOptions): boolean {
  return [email, slack, pagerduty, webhook].some((each) => each !== undefined);
}

/** A webhook that is written down is somebody else's; the stack's own are references. */
function leavesStack({ email, slack, pagerduty, webhook }: AlertmanagerOptions): boolean {
  return [email, slack, pagerduty].some((each) => each !== undefined) || webhook?.kind === "literal";
}

/** It reads no environment; a secret is a file of its own. */
function secretFiles({ email, slack, pagerduty }: AlertmanagerOptions): FileSlot[] {
  const secrets = {
    "smtp-password": email?.password,
    "slack-url": slack?.webhook,
    "pagerduty-key": pagerduty?.routingKey,
  };
  return Object.entries(secrets).flatMap(([file, content]) => (content ? [{ name: file, content, mode: 0o600 }] : []));
}

type PathTo = ReturnType<typeof self>["path"];

/** Routes by severity: mail and the webhook get all, Slack warnings and worse, PagerDuty what is critical. */
function configOf(options: AlertmanagerOptions, path: PathTo): Config {
  const { email, slack, pagerduty, webhook } = options;
  const all: Config = {
    ...(email && { email_configs: [mail(email, path)] }),
    ...(webhook && { webhook_configs: [{ url: webhook, send_resolved: true }] }),
  };
  const chat: Config = slack && {
    slack_configs: [{ api_url_file: path("file", "slack-url"), channel: slack.channel, send_resolved: true }],
  };
  const page: Config = pagerduty && {
    pagerduty_configs: [{ routing_key_file: path("file", "pagerduty-key"), send_resolved: true }],
  };
  const route = (receiver: string, severities: string): Config => ({
    receiver,
    matchers: [`severity=~"${severities}"`],
    continue: true,
  });
  return {
    route: {
      receiver: "all",
      group_by: ["alertname", "resource"],
      group_wait: options.gather?.first ?? "30s",
      group_interval: options.gather?.more ?? "5m",
      repeat_interval: options.repeat ?? "4h",
      routes: [
        ...(chat ? [route("chat", "warning|critical")] : []),
        ...(page ? [route("page", "critical")] : []),
        { receiver: "all" },
      ],
    },
    // What is critical silences the warning about the same.
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity=~"warning|info"'],
        equal: ["resource", "about"],
      },
    ],
    receivers: [
      { name: "all", ...all },
      ...(chat ? [{ name: "chat", ...chat }] : []),
      ...(page ? [{ name: "page", ...page }] : []),
    ],
  };
}

function mail({ to, from, smarthost, user, password }: EmailReceiver, path: PathTo): Config {
  return {
    to,
    from,
    smarthost,
    require_tls: true,
    send_resolved: true,
    ...(user !== undefined && { auth_username: user }),
    ...(password && { auth_password_file: path("file", "smtp-password") }),
  };
}
