import type { Published, Resource } from "../../model/resource.ts";
import type { ResolvedStack } from "../../model/resolved.ts";

/** A network of a stack. `internal`: no way out, no way in. */
export interface Network {
  readonly name: string;
  readonly internal: boolean;
  /** Whom the members are here to reach; empty for a way out. */
  readonly providers: readonly string[];
  readonly members: readonly string[];
}

/** Where a published port can be reached: the environment `dev` is a person's own machine, all others are not. */
export function publishedOn(published: Published, environment: string): "loopback" | "all" | undefined {
  if (environment === "dev") return published === "never" ? undefined : "loopback";
  return published === "always" ? "all" : undefined;
}

/**
 * Least privilege from the edges: one internal network for each distinct set of users, named `to-` its first provider, so a
 * resource is on the networks of what it uses and of those who use it, and nowhere else. What is published, reaches out or
 * uses something external has a way out of its own, `edge-` and its name: on one for all, engines would resolve the names of
 * its members to addresses there, where they must not reach each other. What listens and is used by nobody is on a network all
 * the same, its own: it is probed there.
 */
export function stackNetworks({ resources, edges, environment }: ResolvedStack): Network[] {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const runs = (name: string): boolean => byName.get(name)?.container !== undefined;
  const users = new Map<string, Set<string>>();
  const outward = new Set(
    resources.filter((each) => runs(each.name) && reachesOut(each, environment)).map((each) => each.name),
  );
  for (const { from, to } of edges) {
    if (!runs(from)) continue;
    if (byName.get(to)?.kind === "external") outward.add(from);
    if (!runs(to) || byName.get(to)?.ports.length === 0) continue;
    const known = users.get(to) ?? new Set();
    users.set(to, known.add(from));
  }
  const sets = new Map<string, string[]>();
  for (const { name } of resources) {
    const key = [...(users.get(name) ?? [])].sort().join(" ");
    if (key === "") continue;
    const providers = sets.get(key) ?? [];
    providers.push(name);
    sets.set(key, providers);
  }
  // What uses each other (brokers, nodes of a cluster) has users that differ by itself alone: its members are the same.
  const byMembers = new Map<string, Network>();
  for (const [key, providers] of sets) {
    const members = [...new Set([...providers, ...key.split(" ")])].sort();
    const known = byMembers.get(members.join(" "));
    byMembers.set(members.join(" "), {
      name: known?.name ?? `to-${providers[0] ?? ""}`,
      internal: true,
      providers: [...(known?.providers ?? []), ...providers],
      members,
    });
  }
  const networks = [...byMembers.values()];
  for (const name of [...outward].sort())
    networks.push({ name: `edge-${name}`, internal: false, providers: [], members: [name] });
  const placed = new Set(networks.flatMap(({ members }) => members));
  for (const { name, ports } of resources)
    if (runs(name) && ports.length > 0 && !placed.has(name))
      networks.push({ name: `to-${name}`, internal: true, providers: [name], members: [name] });
  return networks;
}

function reachesOut({ egress, ports }: Resource, environment: string): boolean {
  return egress || ports.some(({ published }) => publishedOn(published, environment) !== undefined);
}
