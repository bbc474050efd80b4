import { concat } from "../../model/expression.ts";
import { containerLabels, plainLabel } from "../../model/container-labels.ts";
import { memberPrefix } from "../../model/member-prefix.ts";
import type { Resource } from "../../model/resource.ts";
import { podsOf } from "../pods-of.ts";
import type { AlloyDerivation } from "../derivation.ts";
import type { Derived, StackIdentity } from "../derive-files.ts";

/**
 * The configuration of an Alloy: the logs of this stack's containers alone, labelled `stack`, `environment` and `resource`, which
 * is the one label all signals share, so that a panel leads from a metric to its logs and a span to its lines. Lines of a
 * pod have `pod` too, and those of its members their member as `resource`, without the prefix that tells them apart.
 */
export function alloyFiles(
  _: Resource,
  { engine, push }: AlloyDerivation,
  all: readonly Resource[],
  { name, environment }: StackIdentity,
): Derived {
  const pods = podsOf(all);
  const names = pods.map(({ name: pod }) => pod);
  const content = concat(
    'logging {\n  level = "warn"\n}\n\ndiscovery.docker "stack" {\n  host = "',
    engine,
    // Only running containers are seen: by the default of a minute, one that ends before is never read.
    '"\n  refresh_interval = "5s"\n  filter {\n    name = "label"\n    values = ',
    JSON.stringify([`${containerLabels.stack}=${name}`, `${containerLabels.environment}=${environment}`]),
    '\n  }\n}\n\ndiscovery.relabel "stack" {\n  targets = discovery.docker.stack.targets\n',
    ...Object.entries(containerLabels).map(([target, label]) => rule(label, target)),
    ...(pods.length > 0 ? [rule(containerLabels.resource, "pod", names)] : []),
    '}\n\nloki.source.docker "stack" {\n  host = "',
    engine,
    `"\n  targets = discovery.relabel.stack.output\n  forward_to = [${pods.length > 0 ? "loki.process" : "loki.write"}.stack.receiver]\n}\n\n`,
    ...(pods.length > 0
      ? [
          'loki.process "stack" {\n  forward_to = [loki.write.stack.receiver]\n',
          ...pods.map(({ name: pod, members }) => memberStage(pod, members)),
          "}\n\n",
        ]
      : []),
    'loki.write "stack" {\n  endpoint {\n    url = "',
    push,
    // No number of retries is too many: by the default of ten, lines are thrown away when Loki is gone for nine minutes.
    '"\n    max_backoff_period = "30s"\n    max_backoff_retries = 0\n  }\n}\n',
  );
  return { files: [{ name: "config.alloy", mode: 0o644, content }], observes: [], problems: [] };
}

/** A label of a container as one of its lines; `only`: where it is one of these. */
function rule(label: string, target: string, only?: readonly string[]): string {
  return [
    "  rule {",
    `    source_labels = ["__meta_docker_container_label_${plainLabel(label)}"]`,
    ...(only ? [`    regex = "(${only.join("|")})"`] : []),
    `    target_label = "${target}"`,
    "  }\n",
  ].join("\n");
}

/** Lines of nobody known (the supervisor's own) stay as they are. */
function memberStage(pod: string, members: readonly Resource[]): string {
  const names = members.map(({ name }) => name).join("|");
  const expression = `(?s)^(?P<member>${names})${memberPrefix("").replaceAll("|", "[|]")}(?P<line>.*)$`;
  return [
    "  stage.match {",
    `    selector = ${JSON.stringify(`{resource="${pod}"}`)}`,
    `    stage.regex {\n      expression = "${expression}"\n    }`,
    '    stage.labels {\n      values = { resource = "member" }\n    }',
    '    stage.output {\n      source = "line"\n    }',
    "  }\n",
  ].join("\n");
}
