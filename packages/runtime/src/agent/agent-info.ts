import { readFileSync } from "node:fs";
import type { Project } from "../client/project.ts";
import type { TargetName } from "../target/target.ts";
import { protocolVersion, type AgentInfo } from "./protocol.ts";

/** What `GET /v1/info` answers. */
export function agentInfo(
  { stack, environment }: Project,
  target: TargetName,
  instance: string,
  { leased, busy }: Pick<AgentInfo, "leased" | "busy">,
  warnings: readonly string[],
): AgentInfo {
  return {
    protocol: protocolVersion,
    version: ownVersion(),
    pid: process.pid,
    stack,
    environment,
    target,
    instance,
    startedAt: Math.round(performance.timeOrigin),
    leased,
    busy,
    warnings,
  };
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}
