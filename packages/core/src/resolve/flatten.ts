import type { Resource } from "../model/resource.ts";
import type { StackItem } from "../model/stack.ts";
import { podMembers } from "./pod-members.ts";

/** What a resource is in. */
interface Within {
  readonly profiles: readonly string[];
  readonly network?: string;
}

/** The resources of a stack's items, in order, each with its profiles and its network class. */
export function flatten(items: readonly StackItem[], within: Within = { profiles: [] }): Resource[] {
  return items.flatMap((item): Resource[] => {
    if (isList(item)) return flatten(item, within);
    const { profiles, network } = within;
    if (item.kind === "profile") return flatten(item.members, { ...within, profiles: [...profiles, ...item.names] });
    // The inner one is the nearer; that there is another is a problem of the outer one.
    if (item.kind === "network") return flatten(item.members, { ...within, network: item.name });
    if (item.kind === "pod") return flatten(podMembers(item), within);
    if (profiles.length === 0 && network === undefined) return [item];
    return [{ ...item, profiles: [...item.profiles, ...profiles], ...(network !== undefined && { network }) }];
  });
}

/** Whether a stack's item is a list of items. */
export function isList(item: StackItem): item is readonly StackItem[] {
  return Array.isArray(item);
}
