import { createHash } from "node:crypto";

/** What a unit of systemd is made of. */
export interface UnitParts {
  readonly stack: string;
  readonly environment: string;
  /** Folder of the stack. */
  readonly root: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A user's own unit, else one of the system. */
  readonly ofUser: boolean;
}

/** The unit's name, which systemd takes for a file; two clones of a stack have two. */
export function unitName({ stack, environment, root }: Pick<UnitParts, "stack" | "environment" | "root">): string {
  const which = createHash("sha256").update(root).digest("hex").slice(0, 6);
  return `caisson-${stack}-${environment}-${which}.service`;
}

/**
 * The text of a unit that keeps an agent running. What the agent runs outlives it, so a stop of the unit ends the agent
 * alone; the host's shutdown ends the rest. Facts: systemd.unit(5), systemd.service(5), systemd.exec(5).
 */
export function unitText(parts: UnitParts): string {
  const { stack, environment, root, argv, env, ofUser } = parts;
  const [program = "", ...args] = argv;
  return `# ${unitName(parts)}: ${ofUser ? "a unit of the user; it wants `loginctl enable-linger`" : "a unit of the system"}
[Unit]
Description=Caisson stack ${plain(stack)} (${plain(environment)})
After=network-online.target docker.service
${ofUser ? "" : "Wants=network-online.target\n"}StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${[program, ...args].map(argument).join(" ")}
WorkingDirectory=${plain(root)}
${Object.entries(env)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join("\n")}
# Not running is what a stack is that was taken down.
Restart=on-failure
RestartSec=5
SuccessExitStatus=7
KillMode=process
OOMPolicy=continue
# Limits of processes are kept by the kernel.
Delegate=yes

[Install]
WantedBy=${ofUser ? "default" : "multi-user"}.target
`;
}

/** A word of a command line, where a dollar sign would be a variable. */
function argument(word: string): string {
  return quoted(word).replaceAll("$", "$$$$");
}

function quoted(text: string): string {
  const escaped = plain(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /^[\w@%+=:,./$-]+$/.test(text) ? escaped : `"${escaped}"`;
}

/** A percent sign begins a specifier. */
function plain(text: string): string {
  return text.replaceAll("%", "%%");
}
