import { styleText } from "node:util";

/** What a text means; the one place where meanings become colours. */
export type Tone = "good" | "busy" | "bad" | "dim" | "strong" | "plain";

const formats = {
  good: "green",
  busy: "yellow",
  bad: "red",
  dim: "dim",
  strong: "bold",
} as const satisfies Record<Exclude<Tone, "plain">, Parameters<typeof styleText>[0]>;

/** The text in its tone, or as it is where there are no colours. */
export function tint(text: string, tone: Tone, color: boolean): string {
  if (!color || tone === "plain" || text === "") return text;
  return styleText(formats[tone], text, { validateStream: false });
}
