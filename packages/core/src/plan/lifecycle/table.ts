/** Values by name, in the order in which they came. A copy costs what changed lately, not what there is. */
export interface Table<V> {
  get(name: string): V | undefined;
  set(name: string, value: V): void;
  delete(name: string): void;
  entries(): Iterable<readonly [string, V]>;
  values(): Iterable<V>;
  copy(): Table<V>;
}

/** So many changes are copied with a table; then they are taken into what its copies share. */
const mostChanges = 32;

/** `shared` is never changed: other copies read it. */
export function table<V>(shared: ReadonlyMap<string, V> = new Map(), changes = new Map<string, V>()): Table<V> {
  const whole = (): Map<string, V> => new Map([...shared, ...changes]);
  return {
    get: (name) => changes.get(name) ?? shared.get(name),
    set: (name, value) => void changes.set(name, value),
    delete(name) {
      const left = whole();
      left.delete(name);
      shared = left;
      changes = new Map();
    },
    entries: () => whole(),
    values: () => whole().values(),
    copy: () => (changes.size > mostChanges ? table(whole()) : table(shared, new Map(changes))),
  };
}
