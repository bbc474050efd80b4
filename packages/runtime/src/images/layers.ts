import type { ProgressLine } from "../drivers/docker/progress.ts";

/** How far a pull is, of what the engine tells line by line. */
export interface Layers {
  add(line: ProgressLine): void;
  /** The registry owes nothing more; what is left is the engine's to unpack. */
  allHere(): boolean;
  /** As a person reads it: `3 of 7 layers, 41 MB`. */
  text(): string;
}

const here = new Set(["Already exists", "Download complete", "Extracting", "Pull complete"]);

/** Of an image that nothing is known of yet. */
export function layersOf(): Layers {
  const found = new Map<string, { readonly here: boolean; readonly bytes: number }>();
  const count = (): number => [...found.values()].filter((layer) => layer.here).length;
  return {
    add({ id, status = "", progressDetail }) {
      // Its first line has the image's tag for an id.
      if (id === undefined || status.startsWith("Pulling from")) return;
      const { current = 0 } = status === "Downloading" ? (progressDetail ?? {}) : {};
      found.set(id, { here: here.has(status), bytes: Math.max(current, found.get(id)?.bytes ?? 0) });
    },
    allHere: () => found.size > 0 && count() === found.size,
    text() {
      if (found.size === 0) return "the registry has not answered yet";
      const bytes = [...found.values()].reduce((sum, layer) => sum + layer.bytes, 0);
      return `${count()} of ${found.size} layers, ${Math.round(bytes / 1_000_000)} MB`;
    },
  };
}
