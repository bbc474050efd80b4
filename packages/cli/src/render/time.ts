/** A span for people, in the two largest units: `340ms`, `1.2s`, `48s`, `3m 5s`, `2h 10m`, `5d 3h`. */
export function span(ms: number): string {
  if (ms < 0) return "0ms";
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`;
  const whole = Math.round(ms / 1000);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return two(whole, 60, "m", 1, "s");
  if (whole < 86_400) return two(whole, 3600, "h", 60, "m");
  return two(whole, 86_400, "d", 3600, "h");
}

/** Seconds with one decimal, as the live table counts them: `1.2s`. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
}

/** A size for people: `512 B`, `1.5 KB`, `37 MB`; powers of 1024. */
export function bytes(size: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ""}`;
}

function two(total: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((total % big) / small);
  return `${Math.floor(total / big)}${bigUnit}${rest === 0 ? "" : ` ${rest}${smallUnit}`}`;
}
