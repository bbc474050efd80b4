import {
  decodeConfig,
  renderCompose,
  resolveStack,
  toBytes,
  type ResolvedStack,
  type StackDefinition,
} from "@caisson/core";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import biAgent from "./bi-agent/stack.ts";
import dreamscape from "./dreamscape/stack.ts";
import dyocense from "./dyocense/stack.ts";
import taylordash from "./taylordash/stack.ts";
import usageTracking from "./usage-tracking/stack.ts";

/** What we read of a compose file. */
interface Compose {
  readonly name: string;
  readonly configs?: Readonly<Record<string, { readonly file: string }>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly volumes?: Readonly<Record<string, object>>;
  readonly services: Readonly<Record<string, ComposeService>>;
}

interface ComposeService {
  readonly container_name?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly configs?: readonly Mounted[];
  readonly secrets?: readonly Mounted[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly networks?: Readonly<Record<string, unknown>> | readonly string[];
  readonly deploy?: { readonly replicas?: number };
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string }[];
}

interface Mounted {
  readonly source: string;
  readonly target: string;
}

const image = { reference: "caisson/stack:0123456789ab", root: "/app", builtins: { provision: "/app/provision.js" } };
const definitions: readonly StackDefinition[] = [biAgent, dreamscape, dyocense, taylordash, usageTracking];

/** A stack with everything on that a profile can switch on. */
function whole(definition: StackDefinition, environment: string): ResolvedStack {
  const { all } = resolveStack(definition, { environment }).profiles;
  return resolveStack(definition, { environment, profiles: all });
}

const stacks = definitions.flatMap((definition) =>
  Object.keys(definition.environments).map((environment) => {
    const stack = whole(definition, environment);
    const { artifacts } = renderCompose(stack, image);
    const files = new Map(artifacts.map(({ path, text }) => [path, text]));
    return {
      name: `${definition.name} in ${environment}`,
      environment,
      stack,
      files,
      compose: parse(files.get("compose.yaml") ?? "") as Compose,
    };
  }),
);

describe.each(stacks)("$name", ({ environment, stack, files, compose }) => {
  const services = Object.entries(compose.services);
  const networksOf = ({ networks = [] }: ComposeService): string[] =>
    Array.isArray(networks) ? [...networks] : Object.keys(networks);

  test("mounts nothing that the bundle does not bring, and no folder of the host", () => {
    for (const { file } of Object.values(compose.configs ?? {}))
      expect(files.has(file.replace("./", "")), file).toBe(true);
    const secretsScript = files.get("init-secrets.sh") ?? "";
    for (const { file } of Object.values(compose.secrets ?? {}))
      expect(secretsScript).toContain(file.replace("./secrets/", ""));
    for (const [name, { configs = [], secrets = [], volumes = [] }] of services) {
      for (const { source } of configs) expect(compose.configs, name).toHaveProperty([source]);
      for (const { source } of secrets) expect(compose.secrets, name).toHaveProperty([source]);
      for (const { type, source } of volumes)
        if (type === "volume") expect(compose.volumes, name).toHaveProperty([source]);
        else expect(source, name).toMatch(/^\/(?:var\/run\/docker\.sock$|sys|proc|dev|$|var\/lib\/docker)/);
    }
  });

  test("every host name in an argument, a variable or a file is one of its networks, or of theirs whom it tells it to", () => {
    const names = Object.keys(compose.services);
    // What is addressed: `host:port`, with nothing before it that would make it a part of another word.
    const addressed = new RegExp(
      String.raw`(?<![\w./-])(?:[\w+.-]+://)?(?:[\w-]+(?::[^@\s/]*)?@)?(${names.join("|")}):\d+`,
      "g",
    );
    const meet = (one: string, other: string): boolean => {
      const [a, b] = [compose.services[one], compose.services[other]];
      return a === undefined || b === undefined || networksOf(a).some((each) => networksOf(b).includes(each));
    };
    let found = 0;
    for (const [name, service] of services) {
      const texts = [
        ...(service.command ?? []),
        ...Object.values(service.environment ?? {}),
        ...(service.configs ?? []).map(({ source }) => files.get(`configs/${source}`) ?? ""),
      ];
      const hosts = new Set(texts.flatMap((text) => [...text.matchAll(addressed)].map(([, host]) => host ?? "")));
      found += hosts.size;
      const told = texts.flatMap(lookedAt);
      const strangers = [...hosts].filter(
        (host) =>
          host !== name &&
          !meet(name, host) &&
          !told.some(({ by, at }) => at === host && meet(name, by) && meet(by, at)),
      );
      expect([name, ...strangers]).toEqual([name]);
    }
    expect(found).toBeGreaterThan(0);
  });

  test("gives a program every variable its contract declares, in a form it accepts", () => {
    for (const { name, program } of stack.resources) {
      const service = compose.services[name];
      if (!program || !service) continue;
      const env = service.environment ?? {};
      // Of a secret only the file is known here; what a program would read from it has the declared form.
      const missing = decodeConfig(program.config, env, () => "x".repeat(64));
      const left = "problems" in missing ? missing.problems.filter(({ variable }) => !(`${variable}_FILE` in env)) : [];
      expect(left).toEqual([]);
    }
  });

  test("has no fixed name, no fixed subnet, and publishes no store in production", () => {
    for (const [name, { container_name: fixed }] of services) expect([name, fixed]).toEqual([name, undefined]);
    for (const network of Object.values(compose.networks)) expect(network).not.toHaveProperty("ipam");
    const stores = stack.resources.filter(({ ready }) => ["postgres", "redis", "kafka"].includes(ready?.kind ?? ""));
    expect(stores).not.toEqual([]);
    const addresses = stores.flatMap(({ name }) => compose.services[name]?.ports ?? []).map((port) => port.host_ip);
    expect(addresses.filter((address) => environment !== "dev" || address !== "127.0.0.1")).toEqual([]);
  });

  test("limits leave a store's cache room: what it is told to use is less than what it may use", () => {
    for (const { name, resources, files: slots } of stack.resources) {
      const text = slots.map(({ content }) => JSON.stringify(content)).join("");
      const told = /maxmemory (\d+(?:mb|gb)?)/i.exec(text)?.[1];
      if (told === undefined || resources.limits.memory === undefined) continue;
      expect(bytesOf(told), name).toBeLessThan(resources.limits.memory);
    }
  });
});

/** What a Prometheus has others look at: an exporter, and the host that it is told. */
function lookedAt(text: string): { readonly by: string; readonly at: string }[] {
  if (!text.startsWith("global:")) return [];
  const { scrape_configs: jobs = [] } = parse(text) as {
    scrape_configs?: { params?: { target: [string] }; static_configs: [{ targets: [string] }] }[];
  };
  const host = (address: string): string => new URL(address.includes("//") ? address : `tcp://${address}`).hostname;
  return jobs.flatMap(({ params, static_configs: where }) =>
    params ? [{ by: host(where[0].targets[0]), at: host(params.target[0]) }] : [],
  );
}

function bytesOf(text: string): number {
  return /\d$/.test(text) ? Number(text) : toBytes(text.toUpperCase() as `${number}MB`);
}

test("all five at once: each has names of its own, and what a document fixes twice can be moved", () => {
  const projects = stacks.map(({ compose }) => compose.name);
  expect(new Set(projects).size).toBe(projects.length);
  for (const { compose, files } of stacks)
    for (const [name, { ports = [] }] of Object.entries(compose.services))
      for (const { published } of ports) {
        const variable = /^\$\{(\w+):-\d+\}$/.exec(published)?.[1];
        if (variable === undefined)
          expect([compose.name, name, published]).toEqual([
            compose.name,
            expect.any(String),
            expect.stringMatching(/^(?:80|443)$/),
          ]);
        else expect(files.get(".env.example")).toContain(`${variable}=`);
      }
});
