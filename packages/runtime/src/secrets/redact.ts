import { multiSearch, type Match } from "./multi-search.ts";
import { secretForms } from "./secret-forms.ts";

/** Takes secrets out of text. */
export interface Redactor {
  /** The text with every known secret, in any of its forms, replaced by `[secret NAME]`. */
  text(text: string): string;
  /** For text that comes in pieces: a secret cut in two is found as well. */
  stream(): RedactStream;
}

/** What could still become a secret is held back until the next piece decides, so `end` must be called. */
export interface RedactStream {
  write(piece: string): string;
  end(): string;
}

/**
 * A redactor that knows these secrets. Bytes are best read as latin-1 and written so again: nothing else in them
 * changes, and a secret's UTF-8 bytes are among the forms.
 */
export function createRedactor(secrets: readonly { readonly name: string; readonly value: string }[]): Redactor {
  const names = new Map<string, string>();
  for (const { name, value } of secrets) {
    for (const form of secretForms(value)) if (!names.has(form)) names.set(form, name);
  }
  const search = multiSearch([...names.keys()]);
  const labels = [...names.values()];
  const replace = (text: string, matches: readonly Match[]): string => {
    let from = 0;
    let clean = "";
    for (const { start, end, pattern } of matches) {
      clean += `${text.slice(from, start)}[secret ${labels[pattern] ?? ""}]`;
      from = end;
    }
    return clean + text.slice(from);
  };
  const redact = (text: string): string => replace(text, search.search(text));
  return {
    text: redact,
    stream() {
      let held = "";
      return {
        write(piece) {
          const text = held + piece;
          const matches = search.search(text);
          const open = search.openEnd(text);
          // A match that reaches into what is still open may become part of a longer one.
          const cut = matches.find(({ start, end }) => start < open && end > open)?.start ?? open;
          held = text.slice(cut);
          return replace(
            text.slice(0, cut),
            matches.filter(({ end }) => end <= cut),
          );
        },
        end() {
          const rest = redact(held);
          held = "";
          return rest;
        },
      };
    },
  };
}
