import type { PodPart } from "../model/pod-part.ts";
import type { Resource } from "../model/resource.ts";

/** A pod with those of its members that are there. */
export interface PodOf extends PodPart {
  readonly replicas: number;
  readonly members: readonly Resource[];
}

/** The pods of a stack, in the order of their first members. */
export function podsOf(resources: readonly Resource[]): PodOf[] {
  const byName = Map.groupBy(resources, ({ pod }) => pod?.name);
  return [...byName.values()].flatMap((members): PodOf[] => {
    const [first] = members;
    return first?.pod ? [{ ...first.pod, replicas: first.replicas, members }] : [];
  });
}

/** Members that are built on the kit: who emits what it counts. */
export function kitMembers({ members }: PodOf): Resource[] {
  return members.filter(({ program }) => program?.management === true);
}
