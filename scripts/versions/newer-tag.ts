/**
 * The newest tag of the same form and release line, if it is newer than `tag`: `18.7-trixie` for `18.6-trixie` of line 18,
 * never `19.0-trixie` or `18.7-alpine`. A `pg18` within a tag is part of its form.
 */
export function newerTag(tag: string, line: string, tags: readonly string[]): string | undefined {
  const form = formOf(tag);
  const fixed = form.text.includes("pg") ? [] : numbers(line);
  const newest = tags
    .filter((each) => formOf(each).text === form.text)
    .filter((each) => fixed.every((number, index) => formOf(each).numbers[index] === number))
    .sort((a, b) => compare(formOf(b).numbers, formOf(a).numbers))[0];
  return newest !== undefined && compare(formOf(newest).numbers, form.numbers) > 0 ? newest : undefined;
}

const number = /(?<!pg|pg\d)\d+/g;

function formOf(tag: string): { readonly text: string; readonly numbers: readonly number[] } {
  return { text: tag.replace(number, "#"), numbers: numbers(tag) };
}

function numbers(text: string): number[] {
  return [...text.matchAll(number)].map(([each]) => Number(each));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
