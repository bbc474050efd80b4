/**
 * What runs a resolved stack needs: lifecycle, plan, launch, errors. The schema library stays out (it would double an
 * idle agent's memory): a stack was checked before it comes here. The types are those of the main entry.
 */
export { CaissonError, isCaissonError } from "./errors/caisson-error.ts";
export { throwProblems } from "./errors/problem.ts";
export { errorTable } from "./errors/table.ts";
export { waterfall, waterfallText } from "./derive/waterfall.ts";
export { fileText } from "./codec/encode-config.ts";
export { engineSocket } from "./model/container-defaults.ts";
export { containerLabels } from "./model/container-labels.ts";
export { walk } from "./model/expression.ts";
export { memberPrefix } from "./model/member-prefix.ts";
export { checkCapacity } from "./plan/capacity.ts";
export { endOfLifeWarnings } from "./plan/end-of-life.ts";
export { unheardAlerts } from "./plan/unheard-alerts.ts";
export { dataId } from "./plan/data-id.ts";
export { actionWords, formatPlan } from "./plan/format-plan.ts";
export { emptySystem, reduce } from "./plan/lifecycle.ts";
export { reconcile } from "./plan/reconcile.ts";
export { conditionOf, hasEnded, statusOf } from "./plan/lifecycle/status.ts";
export { freshSchedule, scheduleStep } from "./plan/schedule.ts";
export { dropResources } from "./resolve/drop-resources.ts";
export { imageReference, release } from "./components/versions.ts";
export { ownedByRoot } from "./targets/container/owned-by-root.ts";
export { isHostProduct, type HostProduct } from "./model/host-products.ts";
export { borrowedPrograms } from "./targets/container/borrowed.ts";
export { containerLaunches } from "./targets/container/run-launch.ts";
export { gatherPods } from "./targets/container/pods.ts";
export { innerPort } from "./targets/container/places.ts";
export { flattenPods } from "./targets/process/flatten-pods.ts";
export { processLaunch } from "./targets/process/launch.ts";
export type * from "./index.ts";
