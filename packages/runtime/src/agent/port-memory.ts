import type { State } from "../state/store.ts";
import type { PortMemory } from "./addresses.ts";

/** Ports remembered in the state, key `port/RESOURCE/PORT`. */
export function portMemory(state: State): PortMemory {
  return {
    get: (key) => state.get<number>(`port/${key}`),
    set: (key, port) => state.set(`port/${key}`, port),
    delete: (key) => state.delete(`port/${key}`),
  };
}
