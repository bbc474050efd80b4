/** Something a stack can do without; what is missing on the host is left out and said so. */
export interface Optional {
  readonly kind: "optional";
  readonly name: string;
}

/** Marks an extension as one the stack can do without: `extensions: [optional("timescaledb")]`. */
export function optional(name: string): Optional {
  return { kind: "optional", name };
}
