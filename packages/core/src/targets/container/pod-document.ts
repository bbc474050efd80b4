import { jsonText, type Config } from "../../components/config-text.ts";
import type { Condition, ProbeTiming, Resource, RestartPolicy, StopPolicy } from "../../model/resource.ts";
import { concat, type Expression } from "../../model/expression.ts";
import type { Launch } from "../process/launch.ts";

/** What a pod's supervisor is told of one member: all evaluated, no secret, paths of files that may hold one. */
export interface PodMember {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** URLs inside the container; a 2xx or 3xx answer is good. */
  readonly ready?: string;
  readonly live?: string;
  readonly timing: ProbeTiming;
  readonly restart: RestartPolicy;
  readonly stop: StopPolicy;
  /** Members that gate its start. */
  readonly needs: readonly { readonly resource: string; readonly condition: Condition }[];
}

/** The file that a pod's supervisor reads. */
export interface PodDocument {
  readonly members: readonly PodMember[];
}

/** The document of a pod as JSON text whose addresses and paths are filled in later. */
export function podDocument(members: readonly { readonly member: Resource; readonly launch: Launch }[]): Expression {
  return jsonText({ members: members.map(({ member, launch }) => memberConfig(member, launch)) });
}

function memberConfig(member: Resource, launch: Launch): Readonly<Record<keyof PodMember, Config>> {
  const { name, ready, live, probeTiming, restart, stop, after } = member;
  const url = (probe: Resource["ready"]): Config =>
    probe?.kind === "http"
      ? concat("http://127.0.0.1:", { kind: "address", resource: name, port: probe.port, part: "port" }, probe.path)
      : undefined;
  return {
    name,
    argv: launch.argv,
    env: launch.env,
    cwd: launch.cwd,
    ready: url(ready),
    live: url(live),
    timing: { ...probeTiming },
    restart: { ...restart },
    stop: { ...stop },
    needs: after.map(({ resource, condition }) => ({ resource, condition })),
  };
}
