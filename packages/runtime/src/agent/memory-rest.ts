/** Memory that work left behind, given back once there is no more of it. */
export interface MemoryRest {
  /** Something was done; `afterMs` after the last of it the memory is given back. */
  soon(): void;
}

/**
 * V8 keeps the heap that planning and starting needed, and an agent that rests allocates too little for it to look again.
 * Without `--expose-gc` nothing is given back.
 */
export function memoryRest(afterMs = 5000): MemoryRest {
  let timer: NodeJS.Timeout | undefined;
  return {
    soon() {
      clearTimeout(timer);
      timer = setTimeout(() => void globalThis.gc?.({ type: "major", flavor: "last-resort" }), afterMs);
      timer.unref();
    },
  };
}
