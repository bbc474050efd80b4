import { execFile } from "node:child_process";
import { connectAsync } from "mqtt";

/** A running resource, as somebody beside it reaches it. */
export interface Access {
  /** Runs a program in its container. */
  readonly exec: (...argv: readonly string[]) => Promise<string>;
  readonly secret: (name: string) => Promise<string>;
  /** The address of one of its ports on this host. */
  readonly address: (port: string) => Promise<string>;
}

/** Writes something, and reads it back: what is read has the word `kept`. */
interface RoundTrip {
  readonly write: (at: Access) => Promise<unknown>;
  readonly read: (at: Access) => Promise<string>;
}

/** By resource of the catalogue's examples: those that promise to keep what they are given. */
export const roundTrips: Readonly<Record<string, RoundTrip>> = {
  database: {
    write: ({ exec }) => exec("sh", "-c", psql("CREATE TABLE kept AS SELECT 'kept' AS word")),
    read: ({ exec }) => exec("sh", "-c", psql("SELECT word FROM kept")),
  },
  store: {
    write: ({ exec }) => exec("sh", "-c", valkey("SET word kept")),
    read: ({ exec }) => exec("sh", "-c", valkey("GET word")),
  },
  mosquitto: {
    // A retained message is the broker's to keep.
    write: (at) =>
      withClient(at, "sensor", (client) => client.publishAsync("sensors/a/state", "kept", { qos: 1, retain: true })),
    read: (at) =>
      withClient(at, "backend", async (client) => {
        const heard = new Promise<string>((resolve) =>
          client.once("message", (_, payload) => resolve(payload.toString())),
        );
        await client.subscribeAsync("sensors/#", { qos: 1 });
        return await heard;
      }),
  },
  seaweedfs: bucketTrip("seaweedfs"),
  minio: bucketTrip("minio"),
  victoria: {
    write: async (at) =>
      ok(await fetch(`${await at.address("http")}/api/v1/import/prometheus`, { method: "POST", body: "kept 1\n" })),
    read: async (at) => ok(await fetch(`${await at.address("http")}/api/v1/series?match[]=kept`)),
  },
  loki: {
    write: async (at) => {
      const values = [[`${Date.now()}000000`, "kept"]];
      const body = JSON.stringify({ streams: [{ stream: { resource: "trip" }, values }] });
      const headers = { "content-type": "application/json" };
      return ok(await fetch(`${await at.address("http")}/loki/api/v1/push`, { method: "POST", headers, body }));
    },
    read: async (at) => {
      const query = new URLSearchParams({ query: '{resource="trip"}' });
      return ok(await fetch(`${await at.address("http")}/loki/api/v1/query_range?${query}`));
    },
  },
};

function psql(statement: string): string {
  return `PGPASSWORD="$(cat /run/secrets/superuser-password)" psql -h 127.0.0.1 -U postgres -c "${statement}"`;
}

function valkey(command: string): string {
  return `REDISCLI_AUTH="$(cat /run/secrets/password)" valkey-cli -h 127.0.0.1 ${command}`;
}

async function ok(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
  return text;
}

type Client = Awaited<ReturnType<typeof connectAsync>>;

async function withClient<T>(at: Access, username: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectAsync(`mqtt://${(await at.address("mqtt")).replace(/^.*\/\//, "")}`, {
    username,
    password: await at.secret(`mosquitto-${username}`),
    reconnectPeriod: 0,
  });
  try {
    return await use(client);
  } finally {
    await client.endAsync(true);
  }
}

/** By curl, which signs; the key is in what it reads, not in its arguments. */
function bucketTrip(store: string): RoundTrip {
  const curl = async (at: Access, ...args: readonly string[]): Promise<string> => {
    const config = `silent\nshow-error\nfail\naws-sigv4 = "aws:amz:us-east-1:s3"\nuser = "root:${await at.secret(`${store}-root`)}"\n`;
    return await new Promise((resolve, reject) => {
      const child = execFile("curl", ["--config", "-", ...args], (error, stdout, stderr) =>
        error ? reject(new Error(stderr)) : resolve(stdout),
      );
      child.stdin?.end(config);
    });
  };
  return {
    write: async (at) => {
      const url = `${await at.address("s3")}/trip`;
      await curl(at, "-X", "PUT", url);
      await curl(at, "-X", "PUT", "--data-binary", "kept", `${url}/word`);
    },
    read: async (at) => curl(at, `${await at.address("s3")}/trip/word`),
  };
}
