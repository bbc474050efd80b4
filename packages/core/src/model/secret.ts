import type { Value } from "./value.ts";

/** How a secret comes to be. Default: generated, 32 bytes. */
export interface SecretOptions {
  /** `true`: people supply it with `caisson secret set NAME`; planning fails while it is missing. Default `false`. */
  readonly provided?: boolean;
  /** Bytes of randomness of a generated secret, 16 to 64. Default 32 (256 bits). */
  readonly bytes?: number;
}

/** A secret before anything is done with it. */
export type Secret = Extract<Value<"secret">, { readonly kind: "secret" }>;

/** A secret by name, unique in the stack. Two uses of one name are one secret and must agree on its options. */
export function secret(name: string, options: SecretOptions = {}): Secret {
  return {
    kind: "secret",
    name,
    source: options.provided === true ? { from: "provided" } : { from: "generated", bytes: options.bytes ?? 32 },
  };
}
