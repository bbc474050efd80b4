import type { Resource, UnitId } from "@caisson/core/run";
import { unitKey } from "../engine/unit-key.ts";
import type { PortAllocator } from "../ports/allocator.ts";

/** Where every port of every resource is reached. All is loopback; a port moves when another program has it. */
export interface Addresses {
  /** Settles the ports of resources; stable across runs. Returns a sentence for each port that moved. */
  allocate(
    resources: readonly Resource[],
    inUse: (resource: string) => boolean,
    options: { readonly dryRun: boolean },
  ): Promise<readonly string[]>;
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

/** Where the ports of a stack are remembered, by `resource/port`: what an earlier agent started listens there. */
export interface PortMemory {
  get(key: string): number | undefined;
  set(key: string, port: number): void;
}

export function addresses(allocator: PortAllocator, memory: PortMemory): Addresses {
  // What a dry run would take: only until the real thing, and never over what is remembered.
  const planned = new Map<string, number>();
  const own = new Map<string, Record<string, number>>();
  return {
    async allocate(resources, inUse, { dryRun }) {
      const moved: string[] = [];
      for (const resource of resources) {
        for (const port of resource.ports) {
          if (isOwn(resource, port.name)) continue;
          const key = `${resource.name}/${port.name}`;
          if (memory.get(key) !== undefined && inUse(resource.name)) continue;
          const found = await allocator.allocate({
            key,
            wanted: port.number,
            fixed: port.fixed,
            host: loopback,
            held: inUse(resource.name),
            dryRun,
          });
          (dryRun ? planned : memory).set(key, found.port);
          if (found.note !== undefined) moved.push(found.note);
        }
      }
      return moved;
    },
    port(resource, port, id) {
      const mine = id && id.resource === resource ? own.get(unitKey(id))?.[port] : undefined;
      return mine ?? memory.get(`${resource}/${port}`) ?? planned.get(`${resource}/${port}`) ?? 0;
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
    close(id) {
      for (const port of Object.values(own.get(unitKey(id)) ?? {})) allocator.release(port);
      own.delete(unitKey(id));
    },
    describe(resource) {
      const known = resource.ports.flatMap((port): [string, string][] => {
        const number = memory.get(`${resource.name}/${port.name}`);
        const scheme = port.protocol === "tcp" ? "" : `${port.protocol}://`;
        return number === undefined ? [] : [[port.name, `${scheme}${loopback}:${number}`]];
      });
      return Object.fromEntries(known);
    },
  };
}

/** A management listener belongs to one replica: replicas share the public port and nothing else. */
function isOwn(resource: Resource, port: string): boolean {
  return resource.program !== undefined && port === "management";
}
