import type { Pod } from "../model/pod.ts";
import { managementPort, programContainer } from "../model/program-container.ts";
import type { Resource } from "../model/resource.ts";

/** The members of a pod as resources, which know it; in its container each has a management port of its own. */
export function podMembers({ name, members, replicas, resources }: Pod): Resource[] {
  return members.map((member, index): Resource => {
    const shared = { ...member, replicas, pod: { name, resources } };
    const { program, ready } = member;
    if (!program) return shared;
    return { ...shared, container: programContainer(ready, program.http?.port, managementPort + 1 + index) };
  });
}
