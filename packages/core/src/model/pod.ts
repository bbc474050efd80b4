import { resourcesOf, type AmountOptions } from "./amounts.ts";
import { freeze } from "./freeze.ts";
import type { Resource, Resources } from "./resource.ts";
import type { ScaleOptions } from "./scale.ts";

/** Options of a pod: what one replica, all its members together, may take and is kept. */
export interface PodOptions extends AmountOptions {
  /** Default 1. */
  readonly replicas?: number;
  /** From when on alerts ask for more or fewer replicas. Default: they do not. */
  readonly scale?: ScaleOptions;
}

/** What runs together: in containers, one container a replica holds them all. */
export interface Pod {
  readonly kind: "pod";
  readonly name: string;
  readonly members: readonly Resource[];
  readonly replicas: number;
  readonly resources: Resources;
  readonly scale?: ScaleOptions;
}

/**
 * Puts services, and an nginx before them, into one container, which has the replicas, the limits and the networks: `pod("core", [gateway, users],
 * { replicas: 3, limits: { cpus: 2, memory: "4GB" } })`. Each stays a resource with references, probes and metrics of its own,
 * and is listed in its pod only. As processes they run side by side, as without a pod; an
 * nginx is one there, for the replicas behind it share an address.
 *
 * In a container members can read each other's secret files, whatever each was given. They share its networks and ways out:
 * one that uses a store lets all reach it, and one with `egress: true` lets all out.
 */
export function pod(name: string, members: readonly Resource[], options: PodOptions = {}): Pod {
  return freeze({
    kind: "pod",
    name,
    members: [...members],
    replicas: options.replicas ?? 1,
    resources: resourcesOf(options),
    ...(options.scale && { scale: options.scale }),
  });
}
