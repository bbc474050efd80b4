import { literal, type Expression, type Strength } from "./expression.ts";

/** What a value is, for the type checker: a `postgres-url` does not fit where a `redis-url` is declared. */
export type ValueKind =
  | "text"
  | "number"
  | "secret"
  | "postgres-url"
  | "redis-url"
  | "redis-cluster-url"
  | "http-url"
  | "mqtt-url";

/** `maybe`: the resource behind the value is optional and may be absent; only an optional key takes it. */
export type Presence = "present" | "maybe";

/** An expression whose kind and presence the type checker knows. The marks exist in types only. */
export type Value<K extends ValueKind = ValueKind, P extends Presence = "present"> = Expression & {
  readonly "~kind"?: K;
  readonly "~presence"?: P;
};

/** The same value with an edge that gates the start: whoever takes it waits for the resource behind it. */
export function needs<V extends Value<ValueKind, Presence>>(value: V): V {
  return withStrength(value, "needs");
}

/** The same value with an edge that gates nothing: configuration and network only. */
export function uses<V extends Value<ValueKind, Presence>>(value: V): V {
  return withStrength(value, "uses");
}

/** A literal where a declared kind is wanted (`asValue<"http-url">("https://example.org")`). */
export function asValue<K extends Exclude<ValueKind, "secret">>(text: string): Value<K> {
  return literal(text);
}

function withStrength<V extends Value<ValueKind, Presence>>(value: V, strength: Strength): V {
  return value.kind === "ref" ? { ...value, strength } : value;
}
