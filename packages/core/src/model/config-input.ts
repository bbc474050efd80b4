import type { Static, Type, TSchema } from "typebox";
import type { ConfigSchema, TValue } from "./contract.ts";
import type { Presence, Value, ValueKind } from "./value.ts";

/**
 * What a stack may pass for one key of a program's configuration: a value of the declared kind, a literal of the
 * declared type, or a reference that yields it. A secret key takes secrets only; an optional key also takes a value
 * whose resource may be absent.
 */
type InputFor<P extends TSchema, Q extends Presence> =
  P extends TValue<infer K>
    ? K extends ValueKind
      ? Value<K, Q | "present">
      : never
    :
        | Static<P>
        | (Static<P> extends number ? Value<"number", Q | "present"> : never)
        | (string extends Static<P> ? Value<"text", Q | "present"> : never);

type RequiredKeys<T> = {
  [K in keyof T]: T[K] extends Type.TOptional<TSchema> ? never : K;
}[keyof T];
type OptionalKeys<T> = Exclude<keyof T, RequiredKeys<T>>;

/** The `config` object a stack passes to `service(program, { config })`. */
export type ConfigInput<S extends ConfigSchema> = {
  readonly [K in RequiredKeys<S["properties"]>]: InputFor<S["properties"][K], "present">;
} & {
  readonly [K in OptionalKeys<S["properties"]>]?: InputFor<S["properties"][K], Presence> | undefined;
};
