import type { paths } from "./api-types.ts";

type Methods = Readonly<Record<string, unknown>>;
type Answered<Route> = Route extends { readonly responses: { readonly 200: { readonly content: infer Content } } }
  ? Content extends { readonly "application/json": infer Body }
    ? Body
    : never
  : never;

/** The routes that answer questions. */
export type QueryPath = {
  [Path in keyof paths]: paths[Path] extends { readonly get: infer Route }
    ? [Answered<Route>] extends [never]
      ? never
      : Path
    : never;
}[keyof paths];

type Parameters<Path extends QueryPath> = paths[Path] extends {
  readonly get: { readonly parameters: infer P extends Methods };
}
  ? P
  : never;

/** What a question takes: the query of its route, and what stands in its path. */
export type Question<Path extends QueryPath> = {
  readonly [Part in "query" | "path" as [Parameters<Path>[Part]] extends [undefined] ? never : Part]: NonNullable<
    Parameters<Path>[Part]
  >;
};

/** What a question is answered with. */
export type AnswerOf<Path extends QueryPath> = paths[Path] extends { readonly get: infer Route }
  ? Answered<Route>
  : never;

type SentEvent = paths["/api/v1/events"]["post"]["requestBody"]["content"]["application/json"];

/** The kinds of service whose usage is tracked. */
export type ServiceType = SentEvent["service_type"];

/** An event of a service type as it is tracked; id and time are made where they are missing. */
export type EventInput<Service extends ServiceType> = Omit<
  Extract<SentEvent, { readonly service_type: Service }>,
  "service_type" | "event_id" | "timestamp" | "tenant_id"
> & { readonly event_id?: string; readonly timestamp?: string };

/** What was said of each event of a batch. */
export type BatchAnswer = paths["/api/v1/events/batch"]["post"]["responses"][202]["content"]["application/json"];
