import { CaissonError, type StackDefinition } from "@caisson/core/errors";

/** The newest model we read; the copy of core a project holds may make another. */
const knownVersion = 1;

/**
 * The stack a module exports by default. Looks at the data only: the project's copy of core may be another than ours,
 * so no class or symbol tells.
 */
export function checkDefinition(module: Readonly<Record<string, unknown>>, file: string): StackDefinition {
  const value = module["default"];
  if (!isRecord(value) || value["kind"] !== "stack") throw notAStack(module, value, file);
  const version = value["modelVersion"];
  if (typeof version === "number" && version > knownVersion)
    throw new CaissonError(
      "E_STACK_LOAD",
      `${file} is made with a newer @caisson/core: its model version is ${version}, this caisson reads up to ${knownVersion}`,
      { hint: "Update caisson, or install the @caisson/core that belongs to it in the project." },
    );
  const whole =
    version === knownVersion &&
    typeof value["name"] === "string" &&
    isRecord(value["params"]) &&
    isRecord(value["environments"]) &&
    typeof value["build"] === "function";
  if (!whole)
    throw new CaissonError("E_STACK_LOAD", `${file}: the default export looks like a stack but is not whole`, {
      hint: "Make it with `defineStack(...)`.",
    });
  // Every field was looked at; the types of what is inside are checked by resolveStack.
  return value as unknown as StackDefinition;
}

function notAStack(module: Readonly<Record<string, unknown>>, value: unknown, file: string): CaissonError {
  const named = Object.keys(module).find((key) => isRecord(module[key]) && module[key]["kind"] === "stack");
  if (named !== undefined && value === undefined)
    return new CaissonError(
      "E_STACK_LOAD",
      `${file} exports its stack as ${named}, expected it as the default export`,
      {
        hint: "Write `export default defineStack(...)`.",
      },
    );
  return new CaissonError("E_STACK_LOAD", `${file}: expected a stack as the default export, got ${describe(value)}`, {
    hint: "Write `export default defineStack(...)`.",
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "none";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return isRecord(value) && typeof value["kind"] === "string"
    ? `a ${value["kind"]}`
    : `a value of type ${typeof value}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
