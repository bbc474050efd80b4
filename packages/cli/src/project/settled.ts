import type { ResourceView } from "@caisson/runtime";

/**
 * Where a resource stands on its way to ready. `off`: nothing is to be waited for (stopped by hand, a command, something
 * that runs elsewhere, a schedule between two slots).
 */
export type Standing = "ready" | "pending" | "failed" | "off";

/** How `up --wait`, `wait` and `health` judge a resource. A job that ended well is ready. */
export function standing(view: ResourceView): Standing {
  if (view.state === "Failed" || view.state === "CrashLoop") return "failed";
  if (view.kind === "command" || view.kind === "external" || view.kind === "schedule") return "off";
  if (view.state === "Completed") return "ready";
  if (view.replicas.wanted === 0) return view.pids.length === 0 ? "off" : "pending";
  const enough = view.health === "Ready" && view.replicas.ready >= view.replicas.wanted;
  return view.state === "Running" && enough ? "ready" : "pending";
}

/** A condition `wait --for` can wait for; `failed` when it cannot come about by itself. */
export function standingFor(view: ResourceView, condition: "ready" | "started" | "completed" | "stopped"): Standing {
  if (condition === "ready") return standing(view);
  if (condition === "stopped")
    return view.pids.length === 0 && ["Exited", "Completed", "Failed"].includes(view.state) ? "ready" : "pending";
  if (view.state === "Failed" || view.state === "CrashLoop") return "failed";
  if (view.state === "Completed") return "ready";
  if (condition === "completed") return "pending";
  return view.state === "Running" ? "ready" : standing(view) === "off" ? "off" : "pending";
}
