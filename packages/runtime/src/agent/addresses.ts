import type { Resource, UnitId } from "@caisson/core/run";
import { unitKey } from "../engine/unit-key.ts";
import type { PortAllocator } from "../ports/allocator.ts";

/** Where every port of every resource is reached. All is loopback; a port moves when another program has it. */
export interface Addresses {
  /** Settles the ports of resources; stable across runs. Returns a sentence for each port that moved. */
  allocate(resources: readonly Resource[], inUse: (resource: string) => boolean): Promise<readonly string[]>;
  /** The port of a resource, or of one unit where each has its own. */
  port(resource: string, port: string, id?: UnitId): number;
  /** Finds the ports that one unit alone listens on. */
  open(id: UnitId, resource: Resource): Promise<void>;
  /** As stored with the unit, for an agent that takes it over. */
  restore(id: UnitId, ports: Readonly<Record<string, number>>): void;
  ofUnit(id: UnitId): Readonly<Record<string, number>>;
  close(id: UnitId): void;
  /** Addresses by port name, as people type them. */
  describe(resource: Resource): Readonly<Record<string, string>>;
}

/** Everything a process target listens on. */
export const loopback = "127.0.0.1";

export function addresses(allocator: PortAllocator): Addresses {
  const shared = new Map<string, number>();
  const own = new Map<string, Record<string, number>>();
  return {
    async allocate(resources, inUse) {
      const moved: string[] = [];
      for (const resource of resources) {
        for (const port of resource.ports) {
          if (isOwn(resource, port.name)) continue;
          const key = `${resource.name}/${port.name}`;
          if (shared.has(key) && inUse(resource.name)) continue;
          const found = await allocator.allocate({
            key,
            wanted: port.number,
            fixed: port.fixed,
            host: loopback,
            held: inUse(resource.name),
          });
          shared.set(key, found.port);
          if (found.note !== undefined) moved.push(found.note);
        }
      }
      return moved;
    },
    port(resource, port, id) {
      const mine = id && id.resource === resource ? own.get(unitKey(id))?.[port] : undefined;
      return mine ?? shared.get(`${resource}/${port}`) ?? 0;
    },
    async open(id, resource) {
      const ports: Record<string, number> = {};
      for (const port of resource.ports) {
        if (isOwn(resource, port.name)) ports[port.name] = await allocator.any(loopback);
      }
      own.set(unitKey(id), ports);
    },
    restore: (id, ports) => void own.set(unitKey(id), ports),
    ofUnit: (id) => own.get(unitKey(id)) ?? {},
    close: (id) => void own.delete(unitKey(id)),
    describe(resource) {
      const known = resource.ports.filter((port) => shared.has(`${resource.name}/${port.name}`));
      return Object.fromEntries(
        known.map((port) => [
          port.name,
          `${port.protocol === "tcp" ? "" : `${port.protocol}://`}${loopback}:${shared.get(`${resource.name}/${port.name}`) ?? 0}`,
        ]),
      );
    },
  };
}

/** A management listener belongs to one replica: replicas share the public port and nothing else. */
function isOwn(resource: Resource, port: string): boolean {
  return resource.program !== undefined && port === "management";
}
