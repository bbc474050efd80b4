/** The names an engine may have an image under. */
export function imageNames(reference: string): readonly string[] {
  return [reference, withoutDigest(reference)];
}

/** `name:tag` of `name:tag@digest`: an image that was loaded, not pulled, has no digest. */
export function withoutDigest(reference: string): string {
  return reference.replace(/@.*$/, "");
}
