/** Microseconds since 1970 UTC: what PostgreSQL keeps of a time, and a safe integer until the year 2255. */
export type Instant = number;

const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * The instant of an RFC 3339 date-time, cut to microseconds; `undefined` for anything else. A time without an offset is
 * refused (nobody knows whose local time it is), and so are days that the calendar does not have.
 */
export function parseInstant(text: string): Instant | undefined {
  if (!pattern.test(text)) return undefined;
  const year = two(text, 0) * 100 + two(text, 2);
  const [month, day, hour, minute, second] = [two(text, 5), two(text, 8), two(text, 11), two(text, 14), two(text, 17)];
  const offset = offsetMinutes(text);
  if (month < 1 || month > 12 || day < 1 || day > lastDay(year, month) || year < 100) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000;
  return ms * 1000 + fraction(text);
}

/** `2023-11-16T18:15:46.680590Z`: always six digits, so that texts sort as times do. */
export function formatInstant(instant: Instant): string {
  const ms = Math.floor(instant / 1000);
  const micros = String(instant - ms * 1000).padStart(3, "0");
  return `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function lastDay(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : (daysOfMonth[month - 1] ?? 0);
}

/** Microseconds behind the second; further digits are cut off. */
function fraction(text: string): number {
  let micros = 0;
  let unit = text[19] === "." ? 100_000 : 0;
  for (let at = 20; unit >= 1; at++, unit /= 10) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    micros += digit * unit;
  }
  return micros;
}

function offsetMinutes(text: string): number | undefined {
  if (text.endsWith("Z") || text.endsWith("z")) return 0;
  const sign = text.at(-6) === "-" ? -1 : 1;
  const [hours, minutes] = [two(text, text.length - 5), two(text, text.length - 2)];
  return hours > 23 || minutes > 59 ? undefined : sign * (hours * 60 + minutes);
}
