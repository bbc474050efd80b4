import type { Project } from "../../client/project.ts";

/** The compose project of a stack's environment. */
export function projectOf({ stack, environment }: Pick<Project, "stack" | "environment">): string {
  return `${stack}-${environment}`;
}
