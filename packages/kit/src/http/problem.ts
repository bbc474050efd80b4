import { problemTable, type ProblemCode } from "./problem-table.ts";

/** One thing that is wrong with a request: where (a JSON pointer: `/body/events/3/tokens`), a code, and a sentence. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What goes over the wire as `application/problem+json`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly request_id?: string;
}

/** More about a problem. */
export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is an error: throw it anywhere inside a handler or a guard. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: { status: number; title: string; code: string }, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HttpProblem";
    this.status = kind.status;
    this.title = kind.title;
    this.code = kind.code;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/**
 * A problem of the table, or of a program's own kind: `httpProblem("not_found", "no event e1 of this tenant")`,
 * `httpProblem({ status: 409, code: "over_quota", title: "The quota is used up" }, "...")`.
 */
export function httpProblem(
  kind: ProblemCode | { readonly status: number; readonly code: string; readonly title: string },
  detail: string,
  options?: ProblemOptions,
): HttpProblem {
  return new HttpProblem(typeof kind === "string" ? { ...problemTable[kind], code: kind } : kind, detail, options);
}

/** A problem as it is sent. */
export function problemBody(problem: HttpProblem, requestId?: string): ProblemBody {
  return {
    type: "about:blank",
    title: problem.title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors && { errors: problem.errors }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}

/** The media type of a problem. */
export const problemType = "application/problem+json";
