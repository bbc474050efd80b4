#!/usr/bin/env -S node --
// `--`: Node would take our --env-file for its own, wherever it stands.
//
// The launcher: plain JavaScript that any Node of the last years can read, in the form that loads fastest. It finds a Node
// that is new enough, turns the compile cache on, and hands over. Nothing else lives here: what it costs, every command costs.
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const wanted = 24;

if (Number(process.versions.node.split(".")[0]) >= wanted) {
  require("node:module").enableCompileCache();
  void run();
} else {
  const pinned = process.env.CAISSON_PINNED_NODE === undefined ? pinnedNode() : undefined;
  if (pinned === undefined) refuse();
  else handOver(pinned);
}

/** In the repository the sources run as they are; a published package has only what was bundled from them. */
async function run() {
  const source = join(__dirname, "../src/main.ts");
  const { main } = existsSync(source) ? await import(pathToFileURL(source)) : require("../dist/main.cjs");
  await main();
}

/** The Node that npm installed beside us, as an optional dependency of the platform's name. */
function pinnedNode() {
  for (const start of [__dirname, process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const node = join(folder, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
      if (existsSync(node)) return node;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

/** Runs the same command with another Node; it gets our terminal, our signals, and its exit code is ours. */
function handOver(node) {
  const { spawn } = require("node:child_process");
  const child = spawn(node, ["--", __filename, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, CAISSON_PINNED_NODE: node },
  });
  // A terminal sends SIGINT to both of us; only what was sent to us alone has to be passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function refuse() {
  process.stderr.write(
    `error[E_NODE_VERSION]: caisson needs Node ${wanted} or newer, this is ${process.version} (${process.execPath})\n` +
      `  hint: install Node ${wanted}, or run \`npm ci\` on Linux x64 or arm64, which brings one\n`,
  );
  process.exitCode = 1;
}
