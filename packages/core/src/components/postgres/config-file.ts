import { concat, type Expression } from "../../model/expression.ts";
import type { Self } from "../self.ts";
import type { Settings } from "../settings.ts";
import type { PostgresTls } from "./tls.ts";

/** A server's settings, and where it listens; `lines` are those that only a target knows. */
export function configFile(
  settings: Settings,
  { at, path }: Self,
  tls: PostgresTls,
  lines: readonly (string | Expression)[] = [],
): Expression {
  const known = Object.entries(settings).map(([key, value]) => `${key} = '${String(value).replaceAll("'", "''")}'\n`);
  return concat(
    "listen_addresses = '",
    at("postgres", "bind"),
    "'\nport = ",
    at("postgres", "port"),
    "\n",
    // No unix socket: its folder would be shared with every other server of the host.
    "unix_socket_directories = ''\nhba_file = '",
    path("file", "pg_hba.conf"),
    "'\n",
    ...tls.lines,
    ...known,
    ...lines,
  );
}
