import type { Problem } from "../errors/problem.ts";
import type { NetworkClass, StackItem } from "../model/stack.ts";
import { flatten, isList } from "./flatten.ts";
import { namePattern } from "./names.ts";

/** What is wrong with a stack's network classes. */
export function networkProblems(stack: string, items: readonly StackItem[]): Problem[] {
  return classesOf(items).flatMap((each): Problem[] => {
    const path = `${stack}/${each.name}`;
    const report = (code: Problem["code"], message: string): Problem[] => [{ code, path, message }];
    if (!namePattern.test(each.name))
      return report(
        "E_NAME_INVALID",
        `expected lower-case letters, digits and dashes as a network's name, got ${JSON.stringify(each.name)}`,
      );
    if (/^(?:to-|edge-|alone$)/.test(each.name))
      return report(
        "E_NAME_INVALID",
        `expected a network's name other than alone, to-... and edge-..., which derived ones have, got ${each.name}`,
      );
    const [inner] = classesOf(each.members);
    if (inner) return report("E_NETWORK_CLASS", `expected resources, got the network class ${inner.name} in it`);
    const members = flatten(each.members);
    if (members.some(({ ports }) => ports.length > 0)) return [];
    const got = members.map(({ name, kind }) => `${name}, a ${kind}`).join(", ") || "none";
    return report("E_NETWORK_CLASS", `expected a member with a port that others connect to, got ${got}`);
  });
}

function classesOf(items: readonly StackItem[]): NetworkClass[] {
  return items.flatMap((item): NetworkClass[] => {
    if (isList(item)) return classesOf(item);
    return item.kind === "network" ? [item, ...classesOf(item.members)] : [];
  });
}
