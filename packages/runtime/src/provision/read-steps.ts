import { ProvisionError, type Step } from "./step.ts";

/** Longest name PostgreSQL keeps whole, in bytes; it would cut a longer one and then not find it again. */
const maxNameBytes = 63;

/** The steps of a steps file. Throws ProvisionError for what is no list of steps, never quoting it: it holds passwords. */
export function readSteps(text: string): readonly Step[] {
  const list = parse(text);
  if (!Array.isArray(list)) throw new ProvisionError("expected the steps to be a JSON list");
  return list.map((step: unknown, index) => {
    if (!isStep(step)) throw new ProvisionError(`step ${index + 1} of ${list.length} is none that this version knows`);
    const long = namesOf(step).find((name) => name === "" || Buffer.byteLength(name) > maxNameBytes);
    if (long !== undefined)
      throw new ProvisionError(
        `expected a name of 1 to ${maxNameBytes} bytes in step ${step.kind}, got ${JSON.stringify(long)}`,
      );
    return step;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new ProvisionError("expected the steps to be JSON");
  }
}

/** What each kind must have, beside its kind. */
const fields: Readonly<Record<Step["kind"], Readonly<Record<string, "string" | "boolean" | "names">>>> = {
  "postgres-role": { role: "string", password: "string" },
  "postgres-replication": { role: "string", password: "string", slot: "string" },
  "postgres-membership": { role: "string", memberOf: "string" },
  "postgres-database": { database: "string", owner: "string" },
  "postgres-extension": { database: "string", extension: "string", optional: "boolean" },
  "postgres-schema": { database: "string", schema: "string", owner: "string" },
  "postgres-access": { database: "string", role: "string", owner: "string", read: "names", write: "names" },
};

function isStep(value: unknown): value is Step {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const wanted = Object.entries(fields).find(([kind]) => kind === value.kind)?.[1];
  // Any object may be looked up by name.
  const record = value as Readonly<Record<string, unknown>>;
  return wanted !== undefined && Object.entries(wanted).every(([name, type]) => isOf(record[name], type));
}

function isOf(value: unknown, type: "string" | "boolean" | "names"): boolean {
  if (type !== "names") return typeof value === type;
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function namesOf(step: Step): readonly string[] {
  switch (step.kind) {
    case "postgres-role":
      return [step.role];
    case "postgres-replication":
      return [step.role, step.slot];
    case "postgres-membership":
      return [step.role, step.memberOf];
    case "postgres-database":
      return [step.database, step.owner];
    case "postgres-extension":
      return [step.database, step.extension];
    case "postgres-schema":
      return [step.database, step.schema, step.owner];
    case "postgres-access":
      return [step.database, step.role, step.owner, ...step.read, ...step.write];
    default:
      return step satisfies never;
  }
}
