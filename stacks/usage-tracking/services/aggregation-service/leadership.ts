import { Client } from "pg";
import { tryLock } from "../../inbox/advisory-lock.ts";

/** Which of the replicas does the work. */
export interface Leadership {
  /** Whether this process leads, as far as it knows: a connection that broke may not be noticed yet. */
  readonly leads: () => boolean;
  /** Makes sure of it, or claims it where nobody leads. Called again and again; an error is the end of a lead. */
  readonly step: () => Promise<void>;
  readonly close: () => void;
}

/**
 * One leader over all replicas: it holds an advisory lock on a connection of its own, so PostgreSQL gives the lock back when
 * the leader dies, and another takes it at its next step. What replicas do is safe to do twice; one is enough.
 */
export function createLeadership(options: {
  readonly databaseUrl: string;
  readonly onRole: (leads: boolean) => void;
}): Leadership {
  let session: { readonly client: Client; leads: boolean } | undefined;
  const end = (client = session?.client): void => {
    const ended = session;
    if (!client || ended?.client !== client) return; // of a session that is over already
    session = undefined;
    if (ended.leads) options.onRole(false);
    // Not waited for: a server that hangs would never say goodbye.
    void client.end().catch(() => undefined);
  };
  return {
    leads: () => session?.leads === true,
    step: async () => {
      try {
        session ??= { client: await connect(options.databaseUrl, end), leads: false };
        if (session.leads) {
          await session.client.query("select");
        } else if (await tryLock(session.client, "aggregation", 0)) {
          session.leads = true;
          options.onRole(true);
        }
      } catch (error) {
        end();
        throw error;
      }
    },
    close: () => end(),
  };
}

async function connect(databaseUrl: string, onLost: (client: Client) => void): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: "usage-aggregation-leader",
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    keepAlive: true,
    // A leader whose host is gone says no goodbye: the server finds out within half a minute.
    options: "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
  });
  client.on("error", () => onLost(client));
  client.on("end", () => onLost(client));
  await client.connect();
  return client;
}
