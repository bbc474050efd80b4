import { topological } from "./topological.ts";

/** When a resource of one run was spawned and became ready (a job: completed). One clock, ms; `null` = not yet. */
export interface UnitTiming {
  readonly name: string;
  readonly spawnedAt: number;
  readonly readyAt: number | null;
}

/** A row of the waterfall; times are ms from the first spawn. */
export interface WaterfallRow {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number | null;
  /** On the critical path. */
  readonly critical: boolean;
}

/** How a run started. */
export interface Waterfall {
  /** By start, then name. */
  readonly rows: readonly WaterfallRow[];
  /** First spawn to last ready. */
  readonly totalMs: number;
  /** The chain of needs with the largest sum of spawn-to-ready times: no faster start is possible with these programs. */
  readonly criticalPath: { readonly names: readonly string[]; readonly ms: number };
}

/** The waterfall of one run. Only what was spawned in it counts: what ran already cost nothing. Linear. */
export function waterfall(
  timings: readonly UnitTiming[],
  needs: readonly { readonly from: string; readonly to: string }[],
): Waterfall {
  const first = timings.reduce((least, { spawnedAt }) => Math.min(least, spawnedAt), Infinity);
  const path = longestChain(timings, needs);
  const critical = new Set(path.names);
  const rows = timings
    .map(({ name, spawnedAt, readyAt }) => ({
      name,
      startMs: spawnedAt - first,
      endMs: readyAt === null ? null : readyAt - first,
      critical: critical.has(name),
    }))
    .sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1));
  const totalMs = rows.reduce((last, { endMs }) => Math.max(last, endMs ?? 0), 0);
  return { rows, totalMs, criticalPath: path };
}

/** The waterfall as text, `width` columns wide: a bar a row, the critical path's darker. */
export function waterfallText({ rows, totalMs, criticalPath }: Waterfall, width = 80): string {
  if (rows.length === 0) return "";
  const names = rows.reduce((widest, { name }) => Math.max(widest, name.length), 0);
  const columns = Math.max(10, width - names - 12);
  const scale = columns / Math.max(1, totalMs);
  const lines = rows.map(({ name, startMs, endMs, critical }) => {
    const from = Math.min(columns - 1, Math.floor(startMs * scale));
    const to = endMs === null ? columns : Math.max(from + 1, Math.round(endMs * scale));
    const bar = (endMs === null ? "·" : critical ? "█" : "░").repeat(Math.min(columns, to) - from);
    const time = endMs === null ? "not yet" : `${Math.round(endMs - startMs)} ms`;
    return `${name.padEnd(names)}  ${`${" ".repeat(from)}${bar}`.padEnd(columns)}  ${time.padStart(8)}`;
  });
  const path = criticalPath.names.join(" -> ");
  return [...lines, `critical path ${Math.round(criticalPath.ms)} ms of ${Math.round(totalMs)} ms: ${path}`].join("\n");
}

function longestChain(
  timings: readonly UnitTiming[],
  needs: readonly { readonly from: string; readonly to: string }[],
): Waterfall["criticalPath"] {
  const spans = new Map(
    timings.map(({ name, spawnedAt, readyAt }) => [name, readyAt === null ? 0 : Math.max(0, readyAt - spawnedAt)]),
  );
  const needsOf = Map.groupBy(needs, ({ from }) => from);
  const sums = new Map<string, { readonly ms: number; readonly before: string | undefined }>();
  let last: string | undefined;
  for (const name of topological([...spans.keys()], (each) => (needsOf.get(each) ?? []).map(({ to }) => to))) {
    let before: string | undefined;
    for (const { to } of needsOf.get(name) ?? [])
      if (sums.has(to) && (before === undefined || (sums.get(to)?.ms ?? 0) > (sums.get(before)?.ms ?? 0))) before = to;
    const sum = (spans.get(name) ?? 0) + (before === undefined ? 0 : (sums.get(before)?.ms ?? 0));
    sums.set(name, { ms: sum, before });
    if (last === undefined || sum > (sums.get(last)?.ms ?? 0)) last = name;
  }
  const names: string[] = [];
  for (let at = last; at !== undefined; at = sums.get(at)?.before) names.push(at);
  return { names: names.reverse(), ms: last === undefined ? 0 : (sums.get(last)?.ms ?? 0) };
}
