// The program in the container of a pod: starts the members that the file in its argument names and keeps them running.
// Tells of them on MANAGEMENT_HOST and MANAGEMENT_PORT. Ends with 0 when it was stopped, with 1 when a member is given up.
import { readFileSync } from "node:fs";
import type { PodDocument } from "@caisson/core/run";
import { healthServer } from "./health-server.ts";
import { supervise } from "./supervise.ts";

/** What a member's environment takes of the container's: the rest is its own, told by the stack. */
const shared = ["PATH", "HOME", "TZ", "LANG", "CAISSON_REPLICA"];

const { env, argv, stdout, stderr } = process;
// One writer a member.
for (const stream of [stdout, stderr]) stream.setMaxListeners(0);
const pod = supervise({
  // Written by the target, for this program.
  document: JSON.parse(readFileSync(argv[2] ?? "", "utf8")) as PodDocument,
  output: { stdout, stderr },
  env: Object.fromEntries(shared.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  tell: (sentence) => void stdout.write(`pod | ${sentence}\n`),
});
const server = healthServer(pod).listen(Number(env["MANAGEMENT_PORT"]), env["MANAGEMENT_HOST"]);
let asked = 0;
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.on(signal, () => {
    asked += 1;
    pod.stop(asked > 1);
  });
void pod.over.then((code) => {
  process.exitCode = code;
  server.close();
  server.closeAllConnections();
});
