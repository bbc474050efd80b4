import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { absent, type Peer } from "./peer.ts";
import { run } from "./run.ts";

const version = "7.0.4";

/** PM2, installed into the bench's own folder, with a daemon of its own that `down` ends. */
export async function pm2(folder: string, service: string, ports: readonly number[]): Promise<Peer | undefined> {
  const prefix = join(folder, "pm2");
  try {
    await run(["npm", "install", "--no-audit", "--no-fund", "--prefix", prefix, `pm2@${version}`]);
  } catch (error) {
    return absent("PM2", String(error).slice(0, 200));
  }
  const config = join(folder, "pm2.json");
  writeFileSync(
    config,
    JSON.stringify({ apps: ports.map((port) => ({ name: `web${port}`, script: service, env: { PORT: port } })) }),
  );
  const env = { ...process.env, PM2_HOME: join(folder, "pm2-home") };
  const command = [process.execPath, join(prefix, "node_modules", "pm2", "bin", "pm2")];
  return {
    up: () => run([...command, "start", config], { env }),
    down: () => run([...command, "kill"], { env }),
  };
}
