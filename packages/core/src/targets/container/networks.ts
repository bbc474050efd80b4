import type { Published, Resource } from "../../model/resource.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import { gatherPods } from "./pods.ts";

/** A network of a stack. `internal`: no way out, no way in. */
export interface Network {
  readonly name: string;
  readonly internal: boolean;
  /** Whom the members are here to reach; empty for a way out. */
  readonly providers: readonly string[];
  readonly members: readonly string[];
}

/** A network that leads to its providers, all of one class. */
interface Shared extends Pick<Network, "providers" | "members"> {
  readonly network: string | undefined;
}

/** Where a published port can be reached: the environment `dev` is a person's own machine, all others are not. */
export function publishedOn(published: Published, environment: string): "loopback" | "all" | undefined {
  if (environment === "dev") return published === "never" ? undefined : "loopback";
  return published === "always" ? "all" : undefined;
}

/**
 * Least privilege from the edges: one internal network for each distinct set of users, named `to-` its first provider, so a
 * resource is on the networks of what it uses and of those who use it, and nowhere else. A class names the networks of its
 * members and parts them from those of others. What is published, reaches out or uses something external has a way out of its
 * own, `edge-` and its name: on one for all, engines would resolve the names of its members to addresses there, where they
 * must not reach each other. What listens and is used by nobody is on a network all the same, its own: it is probed there.
 */
export function stackNetworks(stack: ResolvedStack): Network[] {
  const { resources, edges, environment } = gatherPods(stack);
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
  const usersOf = (name: string): string[] => [...(users.get(name) ?? [])].sort();
  const used = resources.filter(({ name }) => users.has(name));
  const alike = Map.groupBy(used, ({ name, network }) => [network, ...usersOf(name)].join(" "));
  // What uses each other (brokers, nodes of a cluster) has users that differ by itself alone: its members are the same.
  const byMembers = new Map<string, Shared>();
  for (const providers of alike.values()) {
    const names = providers.map(({ name }) => name);
    const members = [...new Set([...names, ...usersOf(names[0] ?? "")])].sort();
    const network = providers[0]?.network;
    const key = [network, ...members].join(" ");
    byMembers.set(key, { network, members, providers: [...(byMembers.get(key)?.providers ?? []), ...names] });
  }
  const shared = [...byMembers.values()];
  const placed = new Set([...outward, ...shared.flatMap(({ members }) => members)]);
  for (const { name, network, ports } of resources)
    if (runs(name) && ports.length > 0 && !placed.has(name))
      shared.push({ network, members: [name], providers: [name] });
  const ofClass = Map.groupBy(shared, ({ network }) => network);
  return [
    ...shared.map(({ network, members, providers }) => ({
      name: networkName(network, providers[0] ?? "", (ofClass.get(network) ?? []).length > 1),
      internal: true,
      providers,
      members,
    })),
    ...[...outward].sort().map((name) => ({ name: `edge-${name}`, internal: false, providers: [], members: [name] })),
  ];
}

/** Of a class with several, each after its first provider: no class's name has what stands between. */
function networkName(network: string | undefined, provider: string, several: boolean): string {
  if (network === undefined) return `to-${provider}`;
  return several ? `${network}_${provider}` : network;
}

function reachesOut({ egress, ports }: Resource, environment: string): boolean {
  return egress || ports.some(({ published }) => publishedOn(published, environment) !== undefined);
}
