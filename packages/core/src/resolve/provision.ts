import { Type } from "typebox";
import { concat, encode, literal, type Expression } from "../model/expression.ts";
import { PostgresUrl, SecretText, type Program } from "../model/contract.ts";
import { programContainer } from "../model/program-container.ts";
import { baseResource, defaultRestart } from "../model/resource-defaults.ts";
import type { ProvisionStep, Resource } from "../model/resource.ts";
import { freeze } from "../model/freeze.ts";

/** The contract of the program that runs provision steps over the wire protocols; it ships with the runtime. */
const provisionProgram: Program = freeze({
  kind: "program",
  modelVersion: 1,
  name: "provision",
  contractVersion: 1,
  runtime: { kind: "builtin", name: "provision" },
  config: Type.Object({ adminUrl: PostgresUrl, steps: SecretText(2) }),
  management: false,
  metrics: {},
  queues: [],
});

/**
 * The job that makes a store usable: its roles, databases and extensions; or that makes a role of its own for whoever looks
 * at one. `undefined` where there is nothing to do.
 */
export function provisionJob(resource: Resource): Resource | undefined {
  if (resource.provision.length === 0) return undefined;
  return freeze({
    ...baseResource("job", "program", `${resource.name}-provision`),
    profiles: resource.profiles,
    program: provisionProgram,
    container: programContainer(undefined, undefined),
    config: {
      adminUrl: { kind: "ref", resource: resource.provisionIn ?? resource.name, output: "adminUrl" },
      steps: concat("[", ...resource.provision.flatMap((step, index) => [index > 0 ? "," : "", stepAsJson(step)]), "]"),
    },
    // What a store is looked at for is made by its own steps.
    after:
      resource.provisionIn === undefined
        ? []
        : [{ resource: `${resource.provisionIn}-provision`, strength: "needs", condition: "completed" }],
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: 3 },
  });
}

/** A step as JSON text whose password is filled in where secrets may be. */
function stepAsJson(step: ProvisionStep): Expression {
  if (!("password" in step)) return literal(JSON.stringify(step));
  const { password, ...rest } = step;
  return concat(`${JSON.stringify(rest).slice(0, -1)},"password":`, encode("json", password), "}");
}
