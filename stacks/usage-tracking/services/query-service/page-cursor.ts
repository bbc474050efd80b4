import { parseInstant } from "../../events/instant.ts";
import { refusedParameter } from "./refuse.ts";

/** Where a page of events ended: the time and id of its last event. */
export interface PageCursor {
  readonly at: string;
  readonly id: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A cursor as clients carry it. */
export function encodeCursor({ at, id }: PageCursor): string {
  return Buffer.from(`${at} ${id}`).toString("base64url");
}

/** The cursor that a query names, if it does. Refuses one that we did not make. */
export function readCursor(text: string | undefined): PageCursor | undefined {
  if (text === undefined) return undefined;
  const cursor = decodeCursor(text);
  if (cursor) return cursor;
  throw refusedParameter("cursor", "expected a next_cursor of ours");
}

/** The cursor of a text; `undefined` for one that we did not make. */
export function decodeCursor(text: string): PageCursor | undefined {
  const [at = "", id = "", ...rest] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  if (parseInstant(at) === undefined || !uuid.test(id) || rest.length > 0) return undefined;
  return { at, id };
}
