import { agentCommand } from "@caisson/runtime";
import type { Context } from "../context.ts";
import { openStack } from "../project/open.ts";
import type { SystemdArguments } from "../verbs/systemd.ts";
import { unitName, unitText } from "./unit.ts";

/** What an agent reads of its environment; a host that starts has none of it. */
const kept = [
  "PATH",
  "TZ",
  "TMPDIR",
  "XDG_RUNTIME_DIR",
  "CAISSON_NETWORK_POOL",
  "DOCKER_HOST",
  "DOCKER_CONFIG",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
];

/** Prints the unit, and on the other stream what to do with it. */
export async function runSystemd(context: Context, { flags }: SystemdArguments): Promise<void> {
  const { project } = await openStack(context, flags);
  const { argv, env } = agentCommand(project, { resume: true });
  const ofUser = process.getuid?.() !== 0;
  const found = kept.flatMap((name) => {
    const value = context.env[name];
    // Root's socket is not below it.
    return value === undefined || (name === "XDG_RUNTIME_DIR" && !ofUser) ? [] : [[name, value] as const];
  });
  const parts = { ...project, argv, env: { ...Object.fromEntries(found), ...env }, ofUser };
  context.stdout.write(unitText(parts));
  const name = unitName(parts);
  const [folder, systemctl] = ofUser
    ? ["~/.config/systemd/user", "systemctl --user"]
    : ["/etc/systemd/system", "systemctl"];
  context.stderr.write(
    `write it to ${folder}/${name}, then: ${systemctl} daemon-reload && ${systemctl} enable --now ${name}\n`,
  );
}
