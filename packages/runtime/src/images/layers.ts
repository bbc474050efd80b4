import type { ProgressLine } from "../drivers/docker/progress.ts";

/** How far a pull is, of what the engine tells line by line. */
export interface Layers {
  /** Whether it is news: an engine with containerd's store tells every 100 ms how far a download is, of one that hangs, too. */
  add(line: ProgressLine): boolean;
  /** The registry owes nothing more; what is left is the engine's to unpack. */
  allHere(): boolean;
  /** As a person reads it: `3 of 7 layers, 41 MB`. */
  text(): string;
}

const here = new Set(["Already exists", "Download complete", "Extracting", "Pull complete"]);

/** Of an image that nothing is known of yet. */
export function layersOf(): Layers {
  const found = new Map<string, { readonly here: boolean; readonly bytes: number }>();
  const last = new Map<string, string>();
  const count = (): number => [...found.values()].filter((layer) => layer.here).length;
  return {
    add({ id = "", status = "", progressDetail: { current = 0 } = {} }) {
      const said = `${status} ${current}`;
      const news = last.get(id) !== said;
      last.set(id, said);
      // Its first line has the image's tag for an id.
      if (id === "" || status.startsWith("Pulling from")) return news;
      const bytes = status === "Downloading" ? current : 0;
      found.set(id, { here: here.has(status), bytes: Math.max(bytes, found.get(id)?.bytes ?? 0) });
      return news;
    },
    allHere: () => found.size > 0 && count() === found.size,
    text() {
      if (found.size === 0) return "the registry has not answered yet";
      const bytes = [...found.values()].reduce((sum, layer) => sum + layer.bytes, 0);
      return `${count()} of ${found.size} layers, ${Math.round(bytes / 1_000_000)} MB`;
    },
  };
}
