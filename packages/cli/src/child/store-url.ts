import { follow, type AddressPart, type Resource } from "@caisson/core";
import type { ResourceView } from "@caisson/runtime";
import { materialise, openSecrets } from "@caisson/runtime/offline";
import type { OpenStack, ResolveFlags } from "../project/open.ts";

/** The URL of a running resource, secrets included: it goes into a file or a socket, and nowhere else. */
export type UrlOf = (view: ResourceView) => Promise<string | undefined>;

/** Looks the URLs up that a stack's resources offer. Resources of every profile are known, on or off. */
export async function urlsOf(open: OpenStack, flags: ResolveFlags): Promise<UrlOf> {
  const { profiles } = await open.resolve(flags);
  const stack = await open.resolve({ ...flags, profile: profiles.all });
  const byName = new Map(stack.resources.map((resource): [string, Resource] => [resource.name, resource]));
  const secrets = openSecrets(open.project);
  return async (view) => {
    const output = byName.get(view.name)?.outputs["url"];
    const expression = output && follow(output.value, byName);
    if (expression === undefined) return undefined;
    return materialise(expression, {
      secret: (name) => secrets.get(name),
      address: ({ port, part }) => addressPart(view.addresses[port], part),
      path: () => undefined,
    });
  };
}

/** Host or port of `http://127.0.0.1:8000`, with or without its scheme. */
export function addressPart(address: string | undefined, part: AddressPart): string {
  const plain = address?.replace(/^[a-z]+:\/\//, "") ?? "";
  const at = plain.lastIndexOf(":");
  return part === "port" ? plain.slice(at + 1) : plain.slice(0, at);
}
