import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Type } from "typebox";
import { expect, onTestFinished, test } from "vitest";
import { redis } from "../../components/redis.ts";
import { SecretText } from "../../model/contract.ts";
import { defineProgram } from "../../model/define-program.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import { secret } from "../../model/secret.ts";
import { service } from "../../model/service.ts";
import { defineStack } from "../../model/stack.ts";
import { resolveStack } from "../../resolve/resolve-stack.ts";
import { renderSwarm } from "./render-swarm.ts";

const here = { url: "file:///app/contract.ts" };
const app = defineProgram(here, "app", { config: Type.Object({ dbPassword: SecretText(8) }) });
const database = defineProgram(here, "app-db", { config: Type.Object({ password: SecretText(8) }) });

const image = { reference: "shop:1", root: "/app", builtins: {} };

/** A resource with data, and files of two resources whose names run into each other without a dot. */
function stackOf(environment: string): ResolvedStack {
  const params = Type.Object({});
  const definition = defineStack("shop", { params, environments: { dev: {}, prod: {} } }, () => [
    redis("queue", { role: "queue" }),
    service(app, { config: { dbPassword: secret("first") } }),
    service(database, { config: { password: secret("second") } }),
  ]);
  return resolveStack(definition, { environment });
}

/** The Engine's client as far as the script asks it: it has nodes, by their labels, and writes down what it is to change. */
const client = `#!/bin/sh
case "$*" in
  *ControlAvailable*) echo true ;;
  "stack deploy --help") echo "--detach" ;;
  "node ls --quiet --filter node.label=caisson.shop-prod.queue=true") printf '%s' "$LABELLED" ;;
  "node ls --quiet") printf '%s' "$NODES" ;;
  *) echo "docker $*" >>changed; env | grep ^NAME_ | sort >names ;;
esac
`;

/** A bundle on a disk, its secrets filled, and what comes of deploying it. */
function bundle() {
  const folder = mkdtempSync(join(tmpdir(), "swarm-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const program = (name: string, text: string): void => {
    write(`bin/${name}`, text);
    chmodSync(join(folder, "bin", name), 0o755);
  };
  const rendered = renderSwarm(stackOf("prod"), image);
  for (const { path, text } of rendered.artifacts) write(path, text);
  program("docker", client);
  expect(spawnSync("sh", [join(folder, "init-secrets.sh")]).status).toBe(0);
  const deploy = (nodes: { readonly all: string; readonly labelled: string }) => {
    rmSync(join(folder, "changed"), { force: true });
    const env = { PATH: `${folder}/bin:/usr/bin:/bin`, NODES: nodes.all, LABELLED: nodes.labelled };
    const { status, stderr } = spawnSync("sh", [join(folder, "deploy.sh")], { env, encoding: "utf8" });
    const lines = (path: string): string[] =>
      spawnSync("cat", [join(folder, path)], { encoding: "utf8" })
        .stdout.split("\n")
        .slice(0, -1);
    return { status, stderr, changed: lines("changed"), names: lines("names") };
  };
  return { deploy, program };
}

const deployed = "docker stack deploy --detach=true --prune --with-registry-auth --compose-file stack.yaml shop-prod";

test("data is of the only node, or of the one that says so, and of no other", () => {
  const { deploy } = bundle();
  const label = "docker node update --label-add caisson.shop-prod.queue=true a";
  expect(deploy({ all: "a\n", labelled: "" })).toMatchObject({ status: 0, changed: [label, deployed] });
  expect(deploy({ all: "a\nb\n", labelled: "b\n" })).toMatchObject({ status: 0, changed: [deployed] });
  for (const [labelled, hint] of [
    ["", "docker node update --label-add caisson.shop-prod.queue=true NODE"],
    ["a\nb\n", "docker node update --label-rm caisson.shop-prod.queue NODE"],
  ] as const)
    expect(deploy({ all: "a\nb\n", labelled })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(hint),
      changed: [],
    });
});

test("each file has a name of its own, which ends in the hash of what is in it", () => {
  const { deploy, program } = bundle();
  const nodes = { all: "a\n", labelled: "a\n" };
  const { names } = deploy(nodes);
  expect(names.map((each) => each.replace(/[0-9a-f]{12}$/, "HASH"))).toEqual([
    "NAME_APP_DB__PASSWORD=shop-prod_app-db.password-HASH",
    "NAME_APP__DB_PASSWORD=shop-prod_app.dbPassword-HASH",
    "NAME_QUEUE__PASSWORD=shop-prod_queue.password-HASH",
    "NAME_QUEUE__REDIS__CONF=shop-prod_queue.redis.conf-HASH",
    "NAME_QUEUE__USERS__ACL=shop-prod_queue.users.acl-HASH",
  ]);
  program("sha256sum", "#!/bin/sh\nexit 1\n");
  expect(deploy(nodes)).toMatchObject({ status: 1, changed: [] });
});

test("ports that a node does not have cannot be moved either", () => {
  const { artifacts } = renderSwarm(stackOf("dev"), image);
  const textOf = (file: string) => artifacts.find(({ path }) => path === file)?.text;
  expect(textOf("stack.yaml")).not.toMatch(/\$\{\w+_PORT/);
  expect(textOf(".env.example")).not.toContain("_PORT");
});
