/** Anything that survives `JSON.parse(JSON.stringify(x))`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * How a secret comes to be: made by us (256 bits unless said otherwise; a key with its certificate, signed by itself or by
 * an authority of ours) or supplied with `caisson secret set`.
 */
export type SecretSource =
  | { readonly from: "generated"; readonly bytes: number }
  | { readonly from: "authority" }
  | { readonly from: "certificate"; readonly authority: string; readonly names: readonly string[] }
  | { readonly from: "provided" };

/** Operations a value may go through. The list is closed; `materialise` in the runtime evaluates each. */
export type EncodeOp =
  | "url" // percent-encoding for a part of a URL
  | "json" // a JSON string literal, quotes included
  | "sha256" // lower-case hex
  | "scram-sha-256" // PostgreSQL's password verifier, salt kept with the secret's version
  | "pbkdf2-mosquitto" // Mosquitto's $7$ form, salt kept with the secret's version
  | "pem-certificates" // the certificates of a PEM text, without its key
  | "bcrypt";

/** Folders and files whose place only a target knows. `name` is a volume's, a file slot's or a binary's name. */
export type PathOf = "volume" | "runtime" | "file" | "binary" | "program";

/** `host` and `port` reach a port from elsewhere; on `bind` its owner listens (all of a container's addresses, say). */
export type AddressPart = "host" | "port" | "bind";

/**
 * A value that may be known late: plain data, evaluated by the target that runs the stack. A `ref` stands for another
 * resource's output; an `address` for where one of its ports is; what contains
 * a `secret` is tainted and may only end in a file.
 */
export type Expression =
  | { readonly kind: "literal"; readonly value: Json }
  | {
      readonly kind: "ref";
      readonly resource: string;
      readonly output: string;
      readonly strength?: Strength;
    }
  | { readonly kind: "secret"; readonly name: string; readonly source: SecretSource }
  | {
      readonly kind: "address";
      readonly resource: string;
      readonly port: string;
      readonly part: AddressPart;
      /** Whoever has it tells it to another, who connects in its place: it makes no edge. */
      readonly told?: true;
    }
  | { readonly kind: "path"; readonly of: PathOf; readonly resource: string; readonly name: string }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "encode"; readonly op: EncodeOp; readonly value: Expression };

/**
 * What an edge asks for: `needs` gates the start and must be acyclic; `uses` is configuration and network without a
 * gate; `observes` is network only (scrapes, logs).
 */
export type Strength = "needs" | "uses" | "observes";

/** A literal. */
export function literal(value: Json): Expression {
  return { kind: "literal", value };
}

/** Texts one after another, as a command's arguments are; strings stand for literals. */
export function texts(...parts: readonly (string | Expression)[]): Expression[] {
  return parts.map((part) => (typeof part === "string" ? literal(part) : part));
}

/** Text put together from parts; strings stand for literals. */
export function concat(...parts: readonly (string | Expression)[]): Expression {
  return { kind: "concat", parts: texts(...parts) };
}

/** `value` after one of the closed list of operations. */
export function encode(op: EncodeOp, value: Expression): Expression {
  return { kind: "encode", op, value };
}

/** Every expression inside `expression`, itself first. Refs are not followed. */
export function* walk(expression: Expression): Generator<Expression> {
  yield expression;
  if (expression.kind === "concat") for (const part of expression.parts) yield* walk(part);
  if (expression.kind === "encode") yield* walk(expression.value);
}
