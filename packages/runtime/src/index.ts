export type * from "./agent/protocol.ts";
export { protocolVersion } from "./agent/protocol.ts";
export { agentClient, type AgentClient } from "./client/client.ts";
