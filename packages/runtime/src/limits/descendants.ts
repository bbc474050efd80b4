import { listProcesses, readChildren } from "../supervisor/proc.ts";

/** A process and all that descends from it, by the kernel's lists of children: cheap enough for every few seconds. */
export function withDescendants(root: number): number[] {
  const direct = readChildren(root);
  if (direct === undefined) return fromListing(root);
  return [root, ...direct.flatMap(withDescendants)];
}

/** The same by a look at all processes, for kernels that do not list children. */
function fromListing(root: number): number[] {
  const children = Map.groupBy(listProcesses(), (info) => info.parent);
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap((info) => below(info.pid))];
  return below(root);
}
