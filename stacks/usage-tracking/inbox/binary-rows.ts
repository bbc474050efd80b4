/** Signature, flags and the length of an extension that nobody has defined. */
const headBytes = 19;

/**
 * The rows of PostgreSQL's binary COPY format, each as its fields: parts of `copied`, not copies. None of them may be null.
 */
export function* fieldsOf(copied: Buffer): Generator<readonly Buffer[]> {
  let at = headBytes;
  // A row begins with the number of its fields, and -1 ends all of it.
  for (let count = copied.readInt16BE(at); count >= 0; count = copied.readInt16BE(at)) {
    at += 2;
    const fields: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      const length = copied.readInt32BE(at);
      if (length < 0) throw new Error(`expected a value in column ${index + 1}, got null`);
      at += 4 + length;
      fields.push(copied.subarray(at - length, at));
    }
    yield fields;
  }
}
