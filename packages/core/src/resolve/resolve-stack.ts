import { deriveFiles } from "../derive/derive-files.ts";
import { freeze } from "../model/freeze.ts";
import { nearest } from "../errors/nearest.ts";
import { throwProblems, type Problem } from "../errors/problem.ts";
import type { ResolvedStack, Skipped } from "../model/resolved.ts";
import type { StackDefinition } from "../model/stack.ts";
import { allEdges } from "./edges.ts";
import { flatten } from "./flatten.ts";
import { namePattern } from "./names.ts";
import { networkProblems } from "./network-check.ts";
import { noParamSources, resolveParams, type ParamSources } from "./params.ts";
import { podCycles, podProblems, podsIn } from "./pod-check.ts";
import { provisionJob } from "./provision.ts";
import { prune } from "./prune.ts";
import { resourceProblems } from "./validate.ts";

/** What a caller chooses. Defaults: the first environment, no profile, nothing left out, no parameter from outside. */
export interface ResolveOptions {
  readonly environment?: string;
  readonly profiles?: readonly string[];
  /** Resources to leave out (`--without`), with what needs them. */
  readonly without?: readonly string[];
  /** Replicas by service (`--scale`). */
  readonly scale?: Readonly<Record<string, number>>;
  readonly params?: ParamSources;
}

/** Works a definition out into plain data. Throws one error with every problem found, each with its path. */
export function resolveStack(definition: StackDefinition, options: ResolveOptions = {}): ResolvedStack {
  const { name } = definition;
  const environments = Object.keys(definition.environments);
  const environment = options.environment ?? environments[0] ?? "dev";
  const head: Problem[] = environments.includes(environment)
    ? []
    : [choice("E_ENVIRONMENT_UNKNOWN", `${name}/environments`, environment, environments)];
  if (!namePattern.test(name))
    head.push({
      code: "E_NAME_INVALID",
      path: name,
      message: `expected lower-case letters, digits and dashes as the stack's name, got ${JSON.stringify(name)}`,
    });
  const { params, problems } = resolveParams(definition, environment, options.params ?? noParamSources);
  throwProblems([...head, ...problems], "E_STACK_INVALID", `stack ${name}`);

  // The parameters were checked against the schema that types `build`.
  const items = definition.build(params as never);
  const pods = podsIn(items);
  const declared = flatten(items);
  const all = declared.flatMap((resource) => {
    const job = provisionJob(resource);
    return job ? [resource, job] : [resource];
  });
  const profiles = {
    all: [...new Set(all.flatMap((resource) => resource.profiles))].sort(),
    active: [...(options.profiles ?? [])],
  };
  const named = [...all, ...pods].map((each) => each.name);
  const wrong = [
    ...networkProblems(name, items),
    ...profiles.active
      .filter((each) => !profiles.all.includes(each))
      .map((each) => choice("E_PROFILE_UNKNOWN", `${name}/profiles`, each, profiles.all)),
    ...[...(options.without ?? []), ...Object.keys(options.scale ?? {})]
      .filter((each) => !named.includes(each))
      .map((each) => choice("E_REFERENCE_UNKNOWN", name, each, named)),
    ...podProblems(name, pods, all, options.scale ?? {}),
  ];

  const scaled = all.map((resource) => ({
    ...resource,
    replicas: options.scale?.[resource.pod?.name ?? resource.name] ?? resource.replicas,
  }));
  const off = new Map<string, Skipped>();
  for (const resource of scaled) {
    if (resource.profiles.length > 0 && !resource.profiles.some((each) => profiles.active.includes(each)))
      off.set(resource.name, {
        name: resource.name,
        reason: `profile ${resource.profiles.join(" or ")} is off`,
      });
    if (resource.planned !== undefined) off.set(resource.name, { name: resource.name, reason: resource.planned });
    if ([resource.name, resource.pod?.name].some((each) => each !== undefined && options.without?.includes(each)))
      off.set(resource.name, { name: resource.name, reason: "left out with --without" });
  }
  const { resources: on, skipped } = prune(scaled, off);
  const resources = deriveFiles(on, { name, environment }, scaled);
  const edges = allEdges(resources);
  throwProblems(
    [...wrong, ...resourceProblems(name, resources, edges), ...podCycles(name, resources, edges)],
    "E_STACK_INVALID",
    `stack ${name}`,
  );
  return freeze({
    modelVersion: 1,
    name,
    environment,
    params,
    profiles,
    resources,
    edges,
    skipped,
  });
}

function choice(code: Problem["code"], path: string, got: string, known: readonly string[]): Problem {
  const near = nearest(got, known);
  return {
    code,
    path,
    message: `expected one of ${known.join(", ") || "none"}, got ${JSON.stringify(got)}${near ? `; did you mean ${near}?` : ""}`,
  };
}
