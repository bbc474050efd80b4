import type { Instant } from "../../events/instant.ts";
import { endOf, startOf, type RollupPeriod } from "../../rollups/periods.ts";
import type { Range } from "./range.ts";

/** A stretch of a bucket that rows of one period cover exactly; `raw` where none does: part of an hour in UTC. */
export interface Piece extends Range {
  /** Which bucket it belongs to. */
  readonly index: number;
  readonly level: RollupPeriod | "raw";
}

/** The pieces of buckets that follow each other: as few and as large as can be. */
export function piecesOf(starts: readonly Instant[]): Piece[] {
  return starts
    .slice(1)
    .flatMap((to, index) => split({ from: starts[index] ?? to, to }, "raw").map((piece) => ({ ...piece, index })));
}

/** A piece that is added, or taken away from a larger one. */
export interface SignedPiece extends Piece {
  readonly sign: 1 | -1;
}

/** Pieces of which sums add up to those of the buckets: most of a day's hours are the day without the others. */
export function signedPiecesOf(starts: readonly Instant[]): SignedPiece[] {
  return piecesOf(starts).flatMap((piece) => (piece.level === "hour" ? byDay(piece) : { ...piece, sign: 1 as const }));
}

/** A stretch that is read once, and the buckets that it counts in. */
export interface Stretch extends Omit<Piece, "index"> {
  readonly uses: readonly Pick<SignedPiece, "index" | "sign">[];
}

/**
 * The stretches that pieces are made of: what one day of a zone is without, the day beside it often has. In the order of
 * their levels and times.
 */
export function stretchesOf(pieces: readonly SignedPiece[]): Stretch[] {
  const found = new Map<string, Stretch & { readonly uses: Pick<SignedPiece, "index" | "sign">[] }>();
  for (const { level, from, to, index, sign } of pieces) {
    const id = `${level} ${from} ${to}`;
    const stretch = found.get(id) ?? { level, from, to, uses: [] };
    stretch.uses.push({ index, sign });
    found.set(id, stretch);
  }
  return [...found.values()].sort((a, b) =>
    a.level === b.level ? a.from - b.from || a.to - b.to : a.level < b.level ? -1 : 1,
  );
}

/** Stretches of equal length and weight that follow each other: one look has the rows of all of them. */
export interface Run extends Omit<Piece, "index"> {
  /** The number of the first of its stretches. */
  readonly nth: number;
  /** The length of each. */
  readonly step: number;
  /** What each counts in the whole range. */
  readonly weight: number;
}

/** The runs of stretches, given in their order. */
export function runsOf(stretches: readonly Stretch[]): Run[] {
  const runs: Run[] = [];
  for (const [nth, { level, from, to, uses }] of stretches.entries()) {
    const weight = uses.reduce((sum, { sign }) => sum + sign, 0);
    const last = runs.at(-1);
    const goesOn =
      last?.level === level && last.to === from && last.step === to - from && last.weight === weight && level !== "raw";
    if (goesOn) runs[runs.length - 1] = { ...last, to };
    else runs.push({ level, from, to, nth, step: to - from, weight });
  }
  return runs;
}

const hour = 3_600_000_000;
const day = 24 * hour;

function byDay(piece: Piece): SignedPiece[] {
  return partsOf(piece).flatMap((part): SignedPiece[] => {
    if (part.to - part.from <= day / 2) return [{ ...part, sign: 1 }];
    const whole = { from: startOf("day", part.from), to: startOf("day", part.from) + day };
    const others = [
      { from: whole.from, to: part.from },
      { from: part.to, to: whole.to },
    ].filter((other) => other.from < other.to);
    return [
      { ...part, ...whole, level: "day", sign: 1 },
      ...others.map((other) => ({ ...part, ...other, sign: -1 }) as const),
    ];
  });
}

/** Hours of at most two days, cut at midnight. */
function partsOf(piece: Piece): Piece[] {
  const { from, to } = piece;
  const midnight = startOf("day", from) + day;
  if (to <= midnight) return [piece];
  return [
    { ...piece, to: midnight },
    { ...piece, from: midnight },
  ];
}

const inner = { raw: "hour", hour: "day", day: "month" } as const;

/** A range with rows of `level` at its edges and larger ones between them. */
function split({ from, to }: Range, level: RollupPeriod | "raw"): Omit<Piece, "index">[] {
  if (from >= to) return [];
  if (level === "week" || level === "month") return [{ level, from, to }];
  // Days that are whole weeks, and not whole months as well, are read as such.
  if (level === "day" && isWhole("week", from, to) && !isWhole("month", from, to)) return [{ level: "week", from, to }];
  const next = inner[level];
  const first = startOf(next, from) === from ? from : endOf(next, from);
  const last = startOf(next, to);
  if (first >= last) return edge(level, from, to);
  return [...edge(level, from, first), ...split({ from: first, to: last }, next), ...edge(level, last, to)];
}

function edge(level: Piece["level"], from: Instant, to: Instant): Omit<Piece, "index">[] {
  return level === "day" ? daysAndWeeks({ from, to }) : between(level, from, to);
}

/** Days that are no whole month are often whole weeks and a few more: one row in place of seven. */
function daysAndWeeks({ from, to }: Range): Omit<Piece, "index">[] {
  const [first, last] = [startOf("week", from) === from ? from : endOf("week", from), startOf("week", to)];
  if (first >= last) return between("day", from, to);
  return [...between("day", from, first), ...between("week", first, last), ...between("day", last, to)];
}

function between(level: Piece["level"], from: Instant, to: Instant): Omit<Piece, "index">[] {
  return from < to ? [{ level, from, to }] : [];
}

function isWhole(period: RollupPeriod, from: Instant, to: Instant): boolean {
  return startOf(period, from) === from && startOf(period, to) === to;
}
