import { isRecord, keepable } from "./check-value.ts";
import { pointerStep, type Issue } from "./issue.ts";
import { inexactNumber } from "./parse-json.ts";
import type { JsonValue } from "./stored-event.ts";

/** How deep an object of the sender's own may nest. */
const maxDepth = 4;

/**
 * A free-form object (metadata, custom metrics): everything in it must be kept exactly by JSON and PostgreSQL. Returns
 * it as it is; what cannot be kept is reported with its path.
 */
export function checkJson(value: Record<string, unknown>, path: string, issues: Issue[]): Record<string, JsonValue> {
  check(value, path, 1, issues);
  // Holds once no issue was reported; with one, the event is refused and this is not used.
  return value as Record<string, JsonValue>;
}

function check(value: unknown, path: string, depth: number, issues: Issue[]): void {
  if (typeof value === "string") keepable(value, path, issues);
  else if (value === inexactNumber || (typeof value === "number" && !Number.isFinite(value))) {
    issues.push({ path, code: "number_inexact", message: "has more digits than a number keeps" });
  } else if (Array.isArray(value) || isRecord(value)) {
    if (depth > maxDepth) {
      issues.push({ path, code: "too_deep", message: `expected at most ${maxDepth} levels` });
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const at = path + pointerStep(key);
      if (keepable(key, at, issues)) check(inner, at, depth + 1, issues);
    }
  }
}
