import { connectAsync } from "mqtt";
import { until, type DockerStack } from "./docker-stack.ts";

/** Something that a store keeps: `write` puts it there, `read` gives what is there of it. */
export interface Kept {
  readonly write: () => Promise<unknown>;
  readonly read: () => Promise<string>;
  readonly expected: string;
  /** What was not written to disk yet is lost with a kill: such a store promises what it held when it was told to stop. */
  readonly onStop?: true;
}

/** A store of a stack by its component, reached as people reach it: by verbs, or at its published address. */
export const keepers = {
  postgres: (stack, name) => ({
    write: () => stack.run("sql", name, "-c", "create table kept (n int); insert into kept values (42)"),
    read: () => stack.run("sql", name, "-c", "select n from kept", "--format", "jsonl"),
    expected: '{"n":42}\n',
  }),
  /** A vector in a series, which is a table of its own kind. */
  timescaledb: (stack, name) => ({
    write: () =>
      stack.run(
        "sql",
        name,
        "-c",
        "create table kept (at timestamptz not null, place vector(2)); " +
          "select create_hypertable('kept', 'at'); insert into kept values (now(), '[3,4]')",
      ),
    read: () => stack.run("sql", name, "-c", "select place <-> '[0,0]' as far from kept", "--format", "jsonl"),
    expected: '{"far":5}\n',
  }),
  redis: (stack, name) => {
    const client = (command: string): Promise<string> =>
      stack.run(
        "exec",
        name,
        "--",
        "sh",
        "-c",
        `REDISCLI_AUTH="$(cat /run/secrets/password)" valkey-cli -c ${command}`,
      );
    return { write: () => client("set kept 42"), read: () => client("get kept"), expected: "42\n" };
  },
  /** A retained message. */
  mosquitto: (stack, name) => {
    const client = async () =>
      connectAsync((await stack.address(name)).replace("//", `//backend:${await stack.secret(`${name}-backend`)}@`), {
        reconnectPeriod: 0,
        connectTimeout: 60_000,
      });
    return {
      async write() {
        const broker = await client();
        await broker.publishAsync("taylordash/kept", "42", { retain: true, qos: 1 });
        await broker.endAsync();
      },
      async read() {
        const broker = await client();
        let heard = "";
        broker.on("message", (_, text) => (heard = text.toString()));
        await broker.subscribeAsync("taylordash/kept", { qos: 1 });
        await until(async () => {
          if (heard === "") throw new Error("expected the retained message");
        }, 60_000).finally(() => broker.end());
        return heard;
      },
      expected: "42",
      onStop: true,
    };
  },
  /** What it saw of itself until then. */
  prometheus: (stack, name) => {
    let seen = 0;
    const upAt = (time: number): Promise<string> =>
      stack.run("exec", name, "--", "promtool", "query", "instant", `--time=${time}`, "http://127.0.0.1:9090", "up");
    return {
      write: () =>
        until(async () => {
          const now = Math.floor(Date.now() / 1000);
          if (!(await upAt(now)).includes("=> 1 @")) throw new Error("expected a target that is up");
          seen = now;
        }),
      read: async () => ((await upAt(seen)).includes("=> 1 @") ? "up" : "nothing"),
      expected: "up",
    };
  },
  /** A sample of a series of its own. */
  victoriametrics: (stack, name) => {
    const ask = async (path: string, init?: RequestInit): Promise<string> => {
      const answer = await fetch(new URL(path, await stack.address(name)), init);
      if (!answer.ok) throw new Error(`expected ${path} to be answered, got ${answer.status}`);
      return await answer.text();
    };
    return {
      write: () => ask("/api/v1/import/prometheus", { method: "POST", body: "kept 42\n" }),
      // What is written shows some seconds later.
      read: () =>
        until(async () => {
          const [, value] = /"values":\[(\d+)\]/.exec(await ask("/api/v1/export?match[]=kept")) ?? [];
          if (value === undefined) throw new Error("expected a sample");
          return value;
        }),
      expected: "42",
      onStop: true,
    };
  },
  /** A silence. */
  alertmanager: (stack, name) => {
    const silence = (...args: readonly string[]): Promise<string> =>
      stack.run("exec", name, "--", "amtool", "--alertmanager.url=http://127.0.0.1:9093", "silence", ...args);
    return {
      write: () => silence("add", "--author=test", "--comment=kept", "--duration=1d", "alertname=Kept"),
      read: () => silence("query", "--output=json").then((text) => String(/"comment":"(\w+)"/.exec(text)?.[1])),
      expected: "kept",
      onStop: true,
    };
  },
} satisfies Record<string, (stack: DockerStack, name: string) => Kept>;
