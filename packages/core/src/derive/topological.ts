/**
 * Names so that each comes after those it needs; otherwise in the order given. Needs that are not among the names are
 * passed over; in a circle, which validation refuses, the name met first comes last. Linear in names and needs.
 */
export function topological(names: readonly string[], needsOf: (name: string) => readonly string[]): string[] {
  const known = new Set(names);
  const seen = new Set<string>();
  const sorted: string[] = [];
  for (const start of names) {
    if (seen.has(start)) continue;
    seen.add(start);
    // Depth first without recursion: a chain of thousands must not overflow the call stack.
    const path: { readonly name: string; readonly needs: Iterator<string> }[] = [];
    const enter = (name: string): number => path.push({ name, needs: needsOf(name)[Symbol.iterator]() });
    enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const step = top.needs.next();
      if (step.done === true) {
        sorted.push(top.name);
        path.pop();
      } else if (known.has(step.value) && !seen.has(step.value)) {
        seen.add(step.value);
        enter(step.value);
      }
    }
  }
  return sorted;
}
