/** Replaces what nobody may read in a text. */
export type Redact = (text: string) => string;

const mark = "[redacted]";

/** Shorter values would be found inside ordinary words and make a log unreadable; such a secret protects nothing. */
const shortest = 4;

/**
 * Redacts the given secrets wherever they stand in a text, as they are and as they look inside JSON, a URL or base64;
 * and the values of credential headers inside JSON at any depth.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(secretForms));
  // The longest first: a URL that contains a password goes as a whole.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map((form) => RegExp.escape(form));
  const pattern = alternatives.length === 0 ? undefined : new RegExp(alternatives.join("|"), "g");
  return (text) => {
    const known = pattern ? text.replace(pattern, mark) : text;
    return credentialKey.test(known) ? known.replace(credentialHeaders, `$1"${mark}"`) : known;
  };
}

const names = "authorization|proxy-authorization|cookie|set-cookie|x-api-key";
const credentialKey = new RegExp(`"(?:${names})":`, "i");
const credentialHeaders = new RegExp(`("(?:${names})":\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`, "gi");

function secretForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  // An error that was put into JSON as text, inside a log line that is JSON too.
  const jsonTwice = JSON.stringify(json).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    secret,
    json,
    jsonTwice,
    percentEncoded(secret),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}

function percentEncoded(text: string): string {
  // A lone surrogate has no percent-encoding.
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
