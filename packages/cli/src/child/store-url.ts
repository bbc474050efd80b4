import { follow, type AddressPart, type Expression, type Resource } from "@caisson/core";
import type { ResourceView } from "@caisson/runtime";
import { materialise, openSecrets } from "@caisson/runtime/offline";
import type { OpenStack, ResolveFlags } from "../project/open.ts";
import type { Keep } from "./private-files.ts";

/**
 * The URL of a running resource, secrets included: it goes into a file or a socket, and nowhere else. `keep` is given the
 * files that it names.
 */
export type UrlOf = (view: ResourceView, keep: Keep) => Promise<string | undefined>;

/** Looks the URLs up that a stack's resources offer. Resources of every profile are known, on or off. */
export async function urlsOf(open: OpenStack, flags: ResolveFlags): Promise<UrlOf> {
  const { profiles } = await open.resolve(flags);
  const stack = await open.resolve({ ...flags, profile: profiles.all });
  const byName = new Map(stack.resources.map((resource): [string, Resource] => [resource.name, resource]));
  const secrets = openSecrets(open.project);
  return async (view, keep) => {
    const output = byName.get(view.name)?.outputs["url"];
    const paths = new Map<string, string>();
    const text = (value: Expression): string | undefined => {
      const expression = follow(value, byName);
      if (expression === undefined) return undefined;
      return materialise(expression, {
        secret: (name) => secrets.get(name),
        address: ({ port, part }) => addressPart(view.addresses[port], part),
        path: ({ name }) => paths.get(name),
      });
    };
    for (const { name, content } of output?.files ?? [])
      paths.set(name, await keep(`${view.name}.${name}`, text(content) ?? ""));
    return output && text(output.value);
  };
}

/** Host or port of `http://127.0.0.1:8000`, with or without its scheme. */
export function addressPart(address: string | undefined, part: AddressPart): string {
  const plain = address?.replace(/^[a-z]+:\/\//, "") ?? "";
  const at = plain.lastIndexOf(":");
  return part === "port" ? plain.slice(at + 1) : plain.slice(0, at);
}
