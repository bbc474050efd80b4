import type { Probe, UnitId } from "@caisson/core/run";
import type { ProbeSpec } from "../probes/probe-spec.ts";
import { loopback } from "./addresses.ts";
import type { Agent } from "./agent.ts";
import type { GenerationRecord } from "./records.ts";
import { runSpec } from "./start-unit.ts";
import type { UnitProbeSpecs } from "./unit-probes.ts";

/** What to ask of one unit, with addresses and paths filled in. */
export function probeSpecs(agent: Agent, id: UnitId): UnitProbeSpecs {
  const record = agent.records.generation(id.resource, id.generation);
  if (!record) return { timing: { intervalMs: 10_000, timeoutMs: 1000, failureThreshold: 3 } };
  const { ready, live, probeTiming } = record.resource;
  return {
    timing: probeTiming,
    ...(ready && { ready: concrete(agent, id, record, ready) }),
    ...(live && { live: concrete(agent, id, record, live) }),
  };
}

function concrete(agent: Agent, id: UnitId, record: GenerationRecord, probe: Probe): ProbeSpec {
  const port = (name: string): number => agent.addresses.port(id.resource, name, id);
  switch (probe.kind) {
    case "http":
      return { kind: "http", url: `http://${loopback}:${port(probe.port)}${probe.path}` };
    case "postgres":
      return { kind: "postgres", host: loopback, port: port(probe.port), user: probe.user, database: probe.database };
    case "redis":
      return {
        kind: "redis",
        host: loopback,
        port: port(probe.port),
        ...(probe.passwordFile && { passwordFile: agent.evaluate(probe.passwordFile, id, record) }),
      };
    case "mqtt":
      return {
        kind: "mqtt",
        host: loopback,
        port: port(probe.port),
        user: probe.user,
        passwordFile: agent.evaluate(probe.passwordFile, id, record),
      };
    case "kafka":
      return { kind: "kafka", host: loopback, port: port(probe.port) };
    case "log-line":
      return { kind: "logLine", file: agent.folders.log(id.resource, id.replica), pattern: probe.pattern };
    case "exec": {
      const { env, cwd } = runSpec(agent, id);
      return { kind: "exec", argv: probe.argv, env, cwd };
    }
  }
}
