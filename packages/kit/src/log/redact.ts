/** Replaces what nobody may read. */
export interface Redact {
  /** In a plain text: an error's message, a detail. */
  readonly text: (text: string) => string;
  /** In a line of JSON, which stays JSON. */
  readonly line: (line: string) => string;
}

const mark = "[redacted]";

/** Shorter values would be found inside ordinary words and make a log unreadable; such a secret protects nothing. */
const shortest = 4;

/**
 * Redacts the given secrets wherever they stand, as they are and as they look inside JSON, a URL, base64 or hex; in
 * lines also the values of credential headers at any depth.
 */
export function redactor(secrets: readonly string[]): Redact {
  const long = secrets.filter((secret) => secret.length >= shortest);
  const inText = replacer(long.flatMap((secret) => [secret, ...encodedForms(secret)]));
  const inLine = replacer(long.flatMap((secret) => [secret, ...encodedForms(secret)].flatMap(jsonForms)));
  return {
    text: inText,
    line: (line) => {
      const known = inLine(line);
      return credentialKey.test(known) ? known.replace(credentialHeaders, `$1"${mark}"`) : known;
    },
  };
}

function replacer(forms: readonly string[]): (text: string) => string {
  if (forms.length === 0) return (text) => text;
  // The longest first: a URL that contains a password goes as a whole.
  const alternatives = [...new Set(forms)].sort((a, b) => b.length - a.length).map((form) => RegExp.escape(form));
  const pattern = new RegExp(alternatives.join("|"), "g");
  return (text) => text.replace(pattern, mark);
}

const names = "authorization|proxy-authorization|cookie|set-cookie|x-api-key";
const credentialKey = new RegExp(`"(?:${names})":`, "i");
const credentialHeaders = new RegExp(`("(?:${names})":\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`, "gi");

function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    // A lone surrogate has no percent-encoding.
    ...(secret.isWellFormed() ? [encodeURIComponent(secret)] : []),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}

/** A text inside a JSON string, and inside JSON that was put into JSON as a text. */
function jsonForms(text: string): string[] {
  const once = JSON.stringify(text).slice(1, -1);
  return [once, JSON.stringify(once).slice(1, -1)];
}
