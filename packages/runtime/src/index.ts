export type * from "./agent/protocol.ts";
export { protocolVersion } from "./agent/protocol.ts";
export { agentClient, type AgentClient } from "./client/client.ts";
export { connectAgent, ensureAgent } from "./client/connect.ts";
export type { Project } from "./client/project.ts";
export { projectLayout } from "./client/project-layout.ts";
