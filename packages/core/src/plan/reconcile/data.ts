import type { Problem } from "../../errors/problem.ts";
import type { DesiredResource, ObservedVolume, Plan } from "../plan-types.ts";
import { dataOf, type PlanDraft } from "./draft.ts";

/** Everything about the data found that forbids the plan, each with the way out. */
export function dataProblems(draft: PlanDraft): Problem[] {
  return [
    ...[...draft.desired.values()].flatMap((resource) => [
      ...dataOf(draft, resource).flatMap((volume) => volumeProblems(draft, resource, volume)),
      ...renameProblems(draft, resource),
    ]),
    ...silentRenames(draft),
  ];
}

/** What a person must agree to first: data that is lost, left behind, or under a program whose defaults changed. */
export function confirmations(draft: PlanDraft): Plan["confirmations"] {
  return [
    ...[...draft.desired.values()].flatMap((resource) => [
      ...lostData(draft, resource),
      ...changedDefaults(draft, resource),
    ]),
    ...[...draft.removed.keys()].flatMap((name) => abandonedData(draft, name)),
  ];
}

function volumeProblems(
  { instance }: PlanDraft,
  { name, component, volumes }: DesiredResource,
  found: ObservedVolume,
): Problem[] {
  const path = `${name}/volumes/${found.name}`;
  if (found.instance !== instance) {
    const message = `belongs to another instance (${found.instance}; this one is ${instance}); move it away, or bring it up where it was made`;
    return [{ code: "E_DATA_FOREIGN", path, message }];
  }
  if (found.component !== component)
    return [
      {
        code: "E_DATA_COMPONENT",
        path,
        message: `holds data of ${found.component}, and ${name} is ${component}; give ${name} another name, or move the data away`,
      },
    ];
  const wanted = volumes.find((volume) => volume.name === found.name);
  if (!wanted || wanted.dataMajor === found.dataMajor) return [];
  const [old, now] = [found.dataMajor, wanted.dataMajor];
  const recipe = `keep version ${old}, or export the data while ${old} runs, then \`caisson down\`, move the volume away, change the version, and import it`;
  return [
    { code: "E_DATA_MAJOR", path, message: `was written by ${component} ${old}, and ${now} cannot read it; ${recipe}` },
  ];
}

function renameProblems({ desired }: PlanDraft, { name, renamedFrom }: DesiredResource): Problem[] {
  if (renamedFrom === undefined || !desired.has(renamedFrom)) return [];
  return [
    {
      code: "E_DATA_RENAMED",
      path: `${name}/renamedFrom`,
      message: `expected the name of a resource that is gone, got ${renamedFrom}, which is still in the stack`,
    },
  ];
}

/** A store that goes while one of its kind comes is most likely the same one; guessing wrong would hide its data. */
function silentRenames(draft: PlanDraft): Problem[] {
  const gone = [...draft.observed.values()].filter(
    ({ name, volumes }) => volumes.length > 0 && !draft.desired.has(name) && !draft.renames.has(name),
  );
  if (gone.length === 0) return [];
  const come = [...draft.desired.values()].filter(
    (resource) =>
      resource.volumes.length > 0 && !draft.observed.has(resource.name) && dataOf(draft, resource).length === 0,
  );
  const byComponent = Map.groupBy(come, ({ component }) => component);
  return gone.flatMap((old): Problem[] => {
    const names = (byComponent.get(old.component) ?? []).map(({ name }) => name);
    const [first] = names;
    if (first === undefined) return [];
    return [
      {
        code: "E_DATA_RENAMED",
        path: old.name,
        message: `${old.name} (${old.component}) goes and ${names.join(", ")} comes: is it the same data? Say renamedFrom: "${old.name}" in ${first}; if not, take ${old.name} out and run \`caisson up\` before you add ${first}`,
      },
    ];
  });
}

function lostData(draft: PlanDraft, resource: DesiredResource): Plan["confirmations"] {
  const before = draft.observed.get(resource.name)?.volumes ?? [];
  const there = new Set(dataOf(draft, resource).map((volume) => volume.name));
  return before
    .filter((volume) => !there.has(volume.name) && resource.volumes.some(({ name }) => name === volume.name))
    .map((volume) => ({
      resource: resource.name,
      message: `its data (${volume.name}) is not where it was; an empty one is made in its place`,
    }));
}

function changedDefaults(draft: PlanDraft, { name, identity, volumes }: DesiredResource): Plan["confirmations"] {
  const found = draft.observed.get(name);
  if (!found || volumes.length === 0 || !draft.set.has(name)) return [];
  if (found.identity.catalogue === identity.catalogue || found.identity.config === identity.config) return [];
  const message = `it holds data and is restarted with changed defaults of the catalogue (${found.identity.catalogue} -> ${identity.catalogue})`;
  return [{ resource: name, message }];
}

function abandonedData(draft: PlanDraft, name: string): Plan["confirmations"] {
  const volumes = draft.renames.has(name) ? [] : (draft.volumes.get(name) ?? []);
  if (volumes.length === 0) return [];
  const names = volumes.map((volume) => volume.name).join(", ");
  return [{ resource: name, message: `its data (${names}) stays on disk, but nothing uses it any more` }];
}
