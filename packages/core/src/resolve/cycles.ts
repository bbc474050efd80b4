import type { Edge } from "../model/edge.ts";

/** The circles among edges that gate the start, each as the names along it, first name repeated at the end. */
export function needsCycles(names: readonly string[], edges: readonly Edge[]): string[][] {
  const next = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const edge of edges) if (edge.strength === "needs") next.get(edge.from)?.push(edge.to);
  const done = new Set<string>();
  const cycles: string[][] = [];
  for (const start of names) {
    if (!done.has(start)) visit(start, next, done, cycles);
  }
  return cycles;
}

/** Depth first without recursion: a chain of thousands of services must not overflow the call stack. */
function visit(
  start: string,
  next: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  cycles: string[][],
): void {
  const path: string[] = [start];
  const onPath = new Map<string, number>([[start, 0]]);
  const pending: Iterator<string>[] = [(next.get(start) ?? [])[Symbol.iterator]()];
  for (let top = pending.at(-1); top; top = pending.at(-1)) {
    const step = top.next();
    if (step.done === true) {
      pending.pop();
      const finished = path.pop();
      if (finished !== undefined) {
        onPath.delete(finished);
        done.add(finished);
      }
      continue;
    }
    const name = step.value;
    const index = onPath.get(name);
    if (index !== undefined) cycles.push([...path.slice(index), name]);
    else if (!done.has(name)) {
      onPath.set(name, path.length);
      path.push(name);
      pending.push((next.get(name) ?? [])[Symbol.iterator]());
    }
  }
}
