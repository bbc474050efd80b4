import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { absent, type Peer } from "./peer.ts";
import { run } from "./run.ts";

/** The system's supervisord with a configuration of its own; `up` is the daemon's own start. */
export async function supervisord(
  folder: string,
  service: string,
  ports: readonly number[],
): Promise<Peer | undefined> {
  try {
    await run(["supervisord", "--version"]);
  } catch {
    return absent("supervisord", "it is not installed (apt-get install --no-install-recommends supervisor)");
  }
  const config = join(folder, "supervisord.conf");
  const socket = join(folder, "supervisor.sock");
  const programs = ports.map(
    (port) => `[program:web${port}]\ncommand="${process.execPath}" "${service}"\nenvironment=PORT="${port}"\n`,
  );
  const head = `[supervisord]\nlogfile=${join(folder, "supervisord.log")}\npidfile=${join(folder, "supervisord.pid")}\nchildlogdir=${folder}\n[unix_http_server]\nfile=${socket}\n[supervisorctl]\nserverurl=unix://${socket}\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n`;
  writeFileSync(config, head + programs.join(""));
  return {
    up: () => run(["supervisord", "-c", config]),
    down: async () => {
      await run(["supervisorctl", "-c", config, "shutdown"]);
      await run(["/bin/sh", "-c", `while [ -e "${socket}" ]; do sleep 0.02; done`]);
    },
  };
}
