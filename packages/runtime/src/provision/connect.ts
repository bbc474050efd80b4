import pg from "pg";
import { parseIntoClientConfig } from "pg-connection-string";
import { ProvisionError, type Server } from "./step.ts";

const connectTimeoutMs = 5_000;
/** No statement of ours takes long; one that does waits for a lock, and is better tried again. */
const statementTimeoutMs = 60_000;
/** `pg_advisory_lock` key: two runs against one server take turns. */
const lockKey = 0x6361_6973;

/**
 * Connects as the superuser and takes the server's provision lock, which goes with the connection. `close` ends all
 * connections.
 */
export async function connect(adminUrl: string): Promise<Server & { close(): Promise<void> }> {
  const settings = settingsOf(adminUrl);
  const clients = new Map<string, Promise<pg.Client>>();
  const opened: Promise<pg.Client>[] = [];
  const fresh = (database: string): Promise<pg.Client> => {
    const client = openClient({ ...settings, database });
    opened.push(client);
    return client;
  };
  const shared = (database: string): Promise<pg.Client> => {
    const client = clients.get(database) ?? fresh(database);
    clients.set(database, client);
    return client;
  };
  const close = async (): Promise<void> => {
    const settled = await Promise.allSettled(opened);
    await Promise.allSettled(settled.map((each) => (each.status === "fulfilled" ? each.value.end() : undefined)));
  };
  try {
    const admin = await shared(settings.database ?? "postgres");
    await admin.query("SELECT pg_advisory_lock($1)", [lockKey]);
    return { admin, database: shared, fresh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openClient(settings: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    ...settings,
    application_name: "caisson-provision",
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // A lost connection fails the statement in flight, or the next one; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Address, login and how the server is verified, as the driver itself reads them in a URL. */
function settingsOf(adminUrl: string): pg.ClientConfig {
  // The text itself carries a password.
  if (!/^postgres(ql)?:$/.test(URL.parse(adminUrl)?.protocol ?? ""))
    throw new ProvisionError("expected the admin URL to be postgres://user:password@host:port/database");
  return parseIntoClientConfig(adminUrl);
}
