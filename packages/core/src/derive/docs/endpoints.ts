import type { ResolvedStack } from "../../model/resolved.ts";
import type { Port, Resource } from "../../model/resource.ts";
import { declaredSecrets } from "../../resolve/declared-secrets.ts";
import { code, table } from "./markdown.ts";

/** Every port that is reached from outside the stack, and who logs in there with which secret. */
export function endpointsTable(stack: ResolvedStack): string {
  const { resources, environment } = stack;
  const rows = resources.flatMap((resource) =>
    reachable(resource, environment).map((port, _, all) => [
      all.length === 1 ? resource.name : `${resource.name} ${port.name}`,
      code(addressOf(port)),
      port.published === "always" ? "everybody" : "this host",
      resource.logins.map(({ user }) => code(user)).join(", "),
      resource.logins.map(({ secret }) => code(secret)).join(", "),
    ]),
  );
  const moved =
    "A port that another program has moves to a free one, unless it is fixed: `caisson ps` shows where each is now.";
  const values = "`caisson secret get NAME` shows a value, to whoever may see it.";
  return `${table(["what", "address", "for", "user", "secret"], rows, "Nothing is reached from outside the stack.")}\n\n${moved} ${values}${trust(stack)}`;
}

/** What shows a certificate of an authority of ours is trusted by whoever was given that. */
function trust(stack: ResolvedStack): string {
  const authorities = new Set(
    declaredSecrets(stack).flatMap(({ source }) => (source.from === "certificate" ? [source.authority] : [])),
  );
  return [...authorities]
    .map((name) => ` \`caisson secret get ${name} --certificates\` prints what clients have to trust.`)
    .join("");
}

/** Ports that have a number people know and are published in this environment. */
export function reachable({ ports }: Resource, environment: string): readonly Port[] {
  return ports.filter(
    ({ number, published }) => number > 0 && (published === "always" || (published === "dev" && environment === "dev")),
  );
}

function addressOf({ protocol, name, number, tls }: Port): string {
  const at = `127.0.0.1:${number}`;
  if (protocol === "ws") return `${tls === true ? "wss" : "ws"}://${at}`;
  return protocol === "http" ? `${name === "https" ? "https" : "http"}://${at}` : at;
}
