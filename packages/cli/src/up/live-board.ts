import type { ResourceView } from "@caisson/runtime";
import type { Output } from "../context.ts";
import { standing } from "../project/settled.ts";
import { progressTable } from "../render/resources.ts";
import { oneLine, truncate, width } from "../render/width.ts";
import type { Progress } from "./progress.ts";

/** Time between two pictures: fast enough to look immediate, slow enough for a line over the ocean. */
const frameMs = 80;

/**
 * One table on a terminal, redrawn in place: each picture is one write that overwrites the last, line by line, inside a
 * synchronised update where the terminal knows it, so nothing flickers. Notes scroll by above it.
 */
export function liveBoard(out: Output, now: () => number, begun: number): Progress {
  const views = new Map<string, ResourceView>();
  let drawn: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const frame = (lines: readonly string[], above = ""): void => {
    const { columns } = out.size();
    // A terminal that became narrower has wrapped what was drawn.
    const up = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
    const back = up === 0 ? "" : `\u001b[${up}A`;
    const body = lines.map((line) => `${line}\u001b[K\n`).join("");
    out.write(`\u001b[?2026h${back}\r${above === "" ? "" : `${above}\u001b[K\n`}${body}\u001b[J\u001b[?2026l`);
    drawn = lines;
  };
  const draw = (): void => {
    timer = undefined;
    frame(boardLines([...views.values()], out, now(), begun));
    // Seconds go on while something is on its way.
    if ([...views.values()].some((view) => standing(view) === "pending")) schedule();
  };
  const schedule = (): void => {
    // The first picture comes at once, but with all that comes at once.
    timer ??= setTimeout(draw, drawn.length === 0 ? 10 : frameMs);
  };
  return {
    event(event) {
      if (event.type === "resource") views.set(event.resource.name, event.resource);
      else if (event.type === "gone") views.delete(event.name);
      else if (event.type === "note") frame(drawn, truncate(oneLine(event.message), out.size().columns));
      else return;
      schedule();
    },
    end() {
      clearTimeout(timer);
      const { columns } = out.size();
      const last = [...views.values()];
      if (last.length > 0) frame(progressTable(last, now(), begun, { color: out.color, columns }));
      else if (drawn.length > 0) frame([]);
      drawn = [];
    },
  };
}

/** The picture: as many rows as the terminal has; where they do not suffice, what is ready goes first. */
export function boardLines(
  views: readonly ResourceView[],
  out: Pick<Output, "color" | "size">,
  now: number,
  begun: number,
): string[] {
  const { columns, rows } = out.size();
  // The head, the line that counts the rest, and the line the cursor is on.
  const room = Math.max(1, rows - 3);
  const options = { color: out.color, columns };
  if (views.length <= room + 1) return progressTable(views, now, begun, options);
  const order = ["failed", "pending", "ready", "off"];
  const urgent = [...views].sort((a, b) => order.indexOf(standing(a)) - order.indexOf(standing(b))).slice(0, room);
  const shown = views.filter((view) => urgent.includes(view));
  const hidden = views.filter((view) => !urgent.includes(view));
  const ready = hidden.filter((view) => standing(view) === "ready").length;
  const rest = `… and ${hidden.length} more${ready > 0 ? `, ${ready} of them ready` : ""}`;
  return [...progressTable(shown, now, begun, options), truncate(rest, columns)];
}
