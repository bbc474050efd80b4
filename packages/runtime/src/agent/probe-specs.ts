import { innerPort, type Expression, type Probe, type UnitId } from "@caisson/core/run";
import type { ProbeSpec } from "../probes/probe-spec.ts";
import type { UnitProbeSpecs } from "../probes/unit-probes.ts";
import { loopback } from "./addresses.ts";
import type { Agent } from "./agent.ts";
import type { GenerationRecord } from "./records.ts";
import { runSpec } from "./start-unit.ts";

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
  const { containers } = agent;
  const run = agent.engine.runOf(id);
  // A container is asked at its own address, where its ports have the numbers they have inside.
  const host = containers && run ? containers.addressOf(run) : loopback;
  const port = (name: string): number =>
    containers ? innerPort(record.resource, name) : agent.addresses.port(id.resource, name, id);
  const file = (value: Expression): string => agent.evaluate(value, id, record);
  switch (probe.kind) {
    case "http":
      return { kind: "http", url: `http://${host}:${port(probe.port)}${probe.path}` };
    case "postgres": {
      const { port: name, user, database, tls } = probe;
      // As its clients know it.
      const known = containers ? id.resource : loopback;
      const { authority } = tls ?? {};
      return {
        kind: "postgres",
        host,
        port: port(name),
        user,
        database,
        ...(tls && { tls: { name: known, ...(authority && { authorityFile: file(authority) }) } }),
      };
    }
    case "redis":
      return {
        kind: "redis",
        host,
        port: port(probe.port),
        ...(probe.passwordFile && { passwordFile: file(probe.passwordFile) }),
        ...(probe.cluster && { cluster: true }),
      };
    case "mqtt":
      return {
        kind: "mqtt",
        host,
        port: port(probe.port),
        user: probe.user,
        passwordFile: file(probe.passwordFile),
      };
    case "kafka":
      return { kind: "kafka", host, port: port(probe.port) };
    case "log-line":
      return { kind: "logLine", file: agent.folders.log(id.resource, id.replica), pattern: probe.pattern };
    case "exec": {
      const { env, cwd } = runSpec(agent, id);
      return { kind: "exec", argv: probe.argv, env, cwd };
    }
  }
}
