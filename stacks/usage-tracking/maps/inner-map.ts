/** The map of a map at `key`, made when it is missing. Maps in maps: a key of joined texts would be made for every event. */
export function innerMap<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const found = map.get(key);
  if (found) return found;
  const made = new Map<L, V>();
  map.set(key, made);
  return made;
}

/** The same for a map of sets. */
export function innerSet<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const found = map.get(key);
  if (found) return found;
  const made = new Set<V>();
  map.set(key, made);
  return made;
}
