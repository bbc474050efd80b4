import { concat, encode, type Expression } from "../model/expression.ts";
import { isExpression } from "../model/is-expression.ts";

/** A configuration as data; an expression stands for a text known late that needs no escaping (an address, a path). */
export type Config =
  | string
  | number
  | boolean
  | null
  | undefined
  | Expression
  | Bare
  | readonly Config[]
  | { readonly [key: string]: Config };

/** An expression whose text is no text to the reader: a port's number. */
interface Bare {
  readonly kind: "bare";
  readonly value: Expression;
}

/** A number known late, written without quotes. */
export function bare(value: Expression): Bare {
  return { kind: "bare", value };
}

type Parts = (string | Expression)[];

/** A configuration as YAML: block style, every text quoted, keys in the order given; what is `undefined` is left out. */
export function yamlText(config: Config): Expression {
  return concat(...withoutLineStart(lines(config, 0)), "\n");
}

/** A configuration as JSON; what is `undefined` is left out. */
export function jsonText(config: Config): Expression {
  return concat(...json(config));
}

function json(config: Config): Parts {
  if (isScalar(config))
    return [typeof config === "object" && config !== null ? encode("json", config) : JSON.stringify(config ?? null)];
  if (isBare(config)) return [config.value];
  if (isList(config)) return ["[", ...separated(config.map(json)), "]"];
  const entries = Object.entries(config).filter(([, value]) => value !== undefined);
  return ["{", ...separated(entries.map(([key, value]) => [`${JSON.stringify(key)}:`, ...json(value)])), "}"];
}

function separated(items: readonly Parts[]): Parts {
  return items.flatMap((parts, index) => (index === 0 ? parts : [",", ...parts]));
}

/** What follows a key or a dash: ` value` on its line, or lines of their own. */
function lines(config: Config, depth: number): Parts {
  if (isScalar(config)) return scalar(config);
  if (isBare(config)) return [" ", config.value];
  const start = `\n${"  ".repeat(depth)}`;
  if (isList(config)) {
    if (config.length === 0) return [" []"];
    return config.flatMap((each): Parts => {
      const [first = "", ...rest] = lines(each, depth + 1);
      // A block begins on the line of its dash.
      return [`${start}-`, typeof first === "string" ? first.replace(/^\n */, " ") : first, ...rest];
    });
  }
  const entries = Object.entries(config).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return [" {}"];
  return entries.flatMap(([key, value]): Parts => [`${start}${keyText(key)}:`, ...lines(value, depth + 1)]);
}

function scalar(value: string | number | boolean | null | undefined | Expression): Parts {
  // JSON's texts, numbers and booleans are YAML's.
  if (typeof value !== "object" || value === null) return [` ${JSON.stringify(value ?? null)}`];
  return value.kind === "encode" && value.op === "json" ? [" ", value] : [' "', value, '"'];
}

function withoutLineStart([first = "", ...rest]: Parts): Parts {
  return [typeof first === "string" ? first.replace(/^[\n ]/, "") : first, ...rest];
}

function isScalar(value: Config): value is string | number | boolean | null | undefined | Expression {
  return typeof value !== "object" || value === null || isExpression(value);
}

function isBare(value: Config): value is Bare {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "bare";
}

function isList(value: Config): value is readonly Config[] {
  return Array.isArray(value);
}

/** YAML reads some plain words as values. */
function keyText(key: string): string {
  const plain = /^[A-Za-z_][\w./-]*$/.test(key) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(key);
  return plain ? key : JSON.stringify(key);
}
