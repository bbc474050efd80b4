/** A `timestamptz` in SQL as the text that `formatInstant` makes of it: RFC 3339 in UTC with microseconds. */
export function instantSql(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
