import { renderCompose, renderSwarm, type Resource } from "@caisson/core";
import { examples } from "../../packages/core/src/components/testing/examples.ts";
import { stackImage, wholeStacks } from "./stacks.ts";

/**
 * Every kind of file that is generated, as `component/file`: of the catalogue's examples, of the five stacks with everything
 * on, and of their bundles; and the SQL that provisions a store. What somebody gives a container of their own is theirs.
 */
export function generatedKinds(): readonly string[] {
  const resources = [...examples, ...wholeStacks.flatMap((stack) => stack.resources)];
  const bundles = wholeStacks.flatMap((stack) =>
    Object.entries({ compose: renderCompose(stack, stackImage), swarm: renderSwarm(stack, stackImage) }).flatMap(
      ([target, { artifacts }]) => artifacts.map(({ path }) => `render ${target}/${path}`),
    ),
  );
  return [
    ...new Set([
      ...resources.filter(({ component }) => component !== "container").flatMap(kindsOf),
      // The files of resources are there once more, below configs/.
      ...bundles.filter((kind) => !kind.includes("/configs/")),
      "render compose/build/Dockerfile",
    ]),
  ].toSorted();
}

function kindsOf({ component, files, provision }: Resource): string[] {
  return [
    ...files.map(({ name }) => `${component}/${name}`),
    ...provision.map(({ kind }) => `postgres/SQL of ${kind}`),
  ];
}
