import type { FastifyRequest } from "fastify";

/**
 * Who may call a route. `check` runs before the body is read; it returns who is calling (`request.identity`) or throws
 * a problem (`httpProblem("unauthenticated", ...)`).
 */
export interface Guard<I> {
  readonly name: string;
  readonly check: (request: FastifyRequest) => I | Promise<I>;
  /** The OpenAPI security scheme: `{ type: "apiKey", in: "header", name: "x-api-key" }`. */
  readonly scheme?: Readonly<Record<string, unknown>>;
}

/** Every route says who may call it; `public` is anybody. */
export type GuardOption<I> = "public" | Guard<I>;

/** The name that a guard is listed by. */
export function guardName(guard: GuardOption<unknown>): string {
  return guard === "public" ? "public" : guard.name;
}
