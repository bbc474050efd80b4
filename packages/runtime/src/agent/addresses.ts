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
  /** From now on a resource is where it was settled to go: its new generation starts there. */
  commit(resource: Resource): void;
  /** What is no longer in the stack gives its ports back. */
  forget(resource: Resource): void;
  /** The port a resource would have after the plan that is being made. */
  planned(resource: string, port: string): number;
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
  delete(key: string): void;
}

export function addresses(allocator: PortAllocator, memory: PortMemory): Addresses {
  // What a dry run would take: only until the real thing, and never over what is remembered.
  const planned = new Map<string, number>();
  // Where what still runs elsewhere is to go: its number was edited.
  const agreed = new Map<string, number>();
  const own = new Map<string, Record<string, number>>();
  return {
    async allocate(resources, inUse, { dryRun }) {
      const moved: string[] = [];
      planned.clear();
      for (const resource of resources) {
        for (const port of resource.ports) {
          if (isOwn(resource, port.name)) continue;
          const key = `${resource.name}/${port.name}`;
          const held = inUse(resource.name);
          const now = held ? memory.get(key) : undefined;
          if (!dryRun) agreed.delete(key);
          if (now !== undefined && now === port.number) continue;
          const found = await allocator.allocate({
            key,
            wanted: port.number,
            fixed: port.fixed,
            host: loopback,
            held,
            dryRun,
          });
          if (now !== found.port) (dryRun ? planned : now === undefined ? memory : agreed).set(key, found.port);
          if (found.note !== undefined) moved.push(found.note);
        }
      }
      return moved;
    },
    commit(resource) {
      for (const key of keysOf(resource)) {
        const port = agreed.get(key);
        if (port !== undefined) memory.set(key, port);
        agreed.delete(key);
      }
    },
    forget(resource) {
      for (const key of keysOf(resource)) {
        agreed.delete(key);
        memory.delete(key);
        allocator.release(key);
      }
    },
    planned: (resource, port) => {
      const key = `${resource}/${port}`;
      return planned.get(key) ?? agreed.get(key) ?? memory.get(key) ?? 0;
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

/** Of the ports that a resource has as a whole. */
function keysOf(resource: Resource): string[] {
  return resource.ports.flatMap(({ name }) => (isOwn(resource, name) ? [] : [`${resource.name}/${name}`]));
}

/** A management listener belongs to one replica: replicas share the public port and nothing else. */
function isOwn(resource: Resource, port: string): boolean {
  return resource.program !== undefined && port === "management";
}
