import { encodeUrlPart } from "./encode.ts";

/**
 * Every text a secret may show up as: itself, percent-encoded (also as form data), JSON-escaped (also twice, as a
 * JSON log line quotes one), base64 and base64url at any position inside other bytes (`user:secret` of basic auth),
 * hex, the latin-1 reading of its UTF-8 bytes, and the single lines of a text of several.
 */
export function secretForms(value: string): Set<string> {
  const forms = new Set<string>();
  for (const text of [value, ...longLines(value)]) {
    for (const form of plainForms(text)) forms.add(form);
    for (const form of base64Forms(Buffer.from(text))) forms.add(form);
  }
  return forms;
}

/** Shorter pieces of a line or of base64 would be found in harmless text. */
const fewestCharacters = 8;

function longLines(value: string): string[] {
  // -----BEGIN PRIVATE KEY----- is no secret, and stands in every file of its kind
  return value
    .split(/\r?\n/)
    .filter((line) => line !== value && line.length >= fewestCharacters && !line.startsWith("-----"));
}

function plainForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const json = JSON.stringify(text).slice(1, -1);
  const urls = [encodeURIComponent(text), encodeUrlPart(text), formData(text), userInfo(text)];
  return [
    text,
    bytes.toString("latin1"),
    ...urls,
    ...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())),
    json,
    JSON.stringify(json).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
  ];
}

function formData(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice("=".length);
}

/** As a URL object writes a password: it leaves more as it is than encodeURIComponent. */
function userInfo(text: string): string {
  const url = new URL("http://host");
  url.password = text;
  return url.password;
}

/**
 * Three bytes are four characters, so what stands before the secret shifts it by 0, 1 or 2 bytes. At each shift the
 * characters that hold bits of the secret alone are always the same; those at its edges are left out.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor((padded.length * 8) / 6)];
    const pieces = (["base64", "base64url"] as const).map((alphabet) => padded.toString(alphabet).slice(from, to));
    return pieces.filter((piece) => piece.length >= fewestCharacters);
  });
}
