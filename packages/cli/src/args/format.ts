/** True where the answer is for a program. */
export function isJson(format: string | undefined): format is "json" | "jsonl" {
  return format === "json" || format === "jsonl";
}
