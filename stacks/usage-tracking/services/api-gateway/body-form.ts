import { httpProblem } from "@caisson/kit";

/** How a request says what it carries. `binary`: one CloudEvent, its attributes in headers, its data in the body. */
export type BodyForm = "event" | "batch" | "cloudevent" | "cloudevents" | "lines" | "binary";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Bytes of a body after inflation, and how many events it may hold. */
export const bodyLimits = { one: 128 * 1024, many: 4 * 1024 * 1024, events: 1000 } as const;

/** The routes, and what each takes by media type. CloudEvents tell single from batch by themselves, on one URL. */
const forms: Readonly<Record<"events" | "batch", Readonly<Record<string, BodyForm>>>> = {
  events: {
    "application/json": "event",
    "application/cloudevents+json": "cloudevent",
    "application/cloudevents-batch+json": "cloudevents",
    "application/x-ndjson": "lines",
  },
  batch: {
    "application/json": "batch",
    "application/cloudevents-batch+json": "cloudevents",
    "application/x-ndjson": "lines",
  },
};

/** The form of a body, before a byte of it is read. Throws `unsupported_media_type`. */
export function bodyForm(route: "events" | "batch", headers: Headers): BodyForm {
  const { "content-type": contentType = "", "ce-specversion": version } = headers;
  const type = String(contentType).split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const form = forms[route][type];
  if (route === "events" && version !== undefined && !type.startsWith("application/cloudevents")) return "binary";
  if (form) return form;
  const expected = Object.keys(forms[route]).join(", ");
  throw httpProblem("unsupported_media_type", `expected one of ${expected}, got ${type || "nothing"}`);
}

/** Bytes that a body of a form may have. */
export function bytesOf(form: BodyForm): number {
  return form === "event" || form === "cloudevent" || form === "binary" ? bodyLimits.one : bodyLimits.many;
}

/** Whether a body is compressed. Throws `unsupported_media_type` for any coding but gzip. */
export function isCompressed({ "content-encoding": encoding }: Headers): boolean {
  const coding = String(encoding ?? "identity")
    .trim()
    .toLowerCase();
  if (coding === "identity") return false;
  if (coding === "gzip" || coding === "x-gzip") return true;
  throw httpProblem("unsupported_media_type", `expected a content-encoding of gzip or none, got ${coding}`, {
    headers: { "accept-encoding": "gzip" },
  });
}
