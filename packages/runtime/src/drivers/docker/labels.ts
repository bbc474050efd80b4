import { containerLabels } from "@caisson/core/run";

/** Labels of everything we make in an engine; compose's own make other tools show the stack as a project. */
export const label = {
  instance: "caisson.instance",
  marker: "caisson.marker",
  /** The marker without its run: instance, resource, replica, generation. */
  unit: "caisson.unit",
  ...containerLabels,
  stamp: "caisson.stamp",
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  number: "com.docker.compose.container-number",
  oneoff: "com.docker.compose.oneoff",
  network: "com.docker.compose.network",
  volume: "com.docker.compose.volume",
} as const;
