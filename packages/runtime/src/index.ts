// What every command needs: to find a stack, load it, and talk to its agent. Light, because each command pays for it;
// what works without an agent is in `offline.ts`, what reads sources in `load.ts`.
export type * from "./agent/protocol.ts";
export { protocolVersion } from "./agent/protocol.ts";
export { agentClient, type AgentClient } from "./client/client.ts";
export { agentCommand } from "./client/agent-command.ts";
export { connectAgent, earlyAgent, ensureAgent, resumeAgent, type EarlyAgent } from "./client/connect.ts";
export type { TargetName } from "./target/target.ts";
export type { Project } from "./client/project.ts";
export { projectLayout as agentFor } from "./client/project-layout.ts";
export { checkPrograms } from "./load/check-programs.ts";
export { findStack } from "./load/find-stack.ts";
export { readDotenv } from "./load/read-dotenv.ts";
