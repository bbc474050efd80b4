import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { httpProblem, type HttpApp } from "@caisson/kit";
import type { BodyBudget } from "./body-budget.ts";
import { bodyForm, bodyLimits, bytesOf, isCompressed } from "./body-form.ts";
import { unavailable } from "./refuse.ts";

/**
 * Bodies stay bytes: what is checked is what was sent. Their memory, inflated, is reserved before they are read, and
 * after the guard: who has no key takes none of it.
 */
export function readRawBodies(app: HttpApp, budget: BodyBudget): void {
  app.fastify.removeAllContentTypeParsers();
  app.fastify.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  app.fastify.addHook("preParsing", async (request, reply) => {
    const { method, headers, routeOptions } = request;
    if (method !== "POST" || routeOptions.url === undefined) return;
    const most = bytesOf(bodyForm(routeOptions.url.endsWith("/batch") ? "batch" : "events", headers));
    const announced = Number(headers["content-length"] ?? bodyLimits.many);
    if (headers["content-length"] !== undefined && announced > most) throw tooLarge(most);
    const inflated = isCompressed(headers) ? most : 0;
    const release = budget.take(Math.min(announced, bodyLimits.many) + inflated);
    if (!release) throw unavailable("too many requests are being read at the moment; send this one again");
    reply.raw.once("close", release);
  });
}

const inflate = promisify(gunzip);

/** The bytes that were sent, at most `most` of them. A body that inflates to more is given up while it does. */
export async function plainBody(
  body: unknown,
  headers: Parameters<typeof isCompressed>[0],
  most: number,
): Promise<Buffer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (bytes.length > most) throw tooLarge(most);
  if (!isCompressed(headers)) return bytes;
  try {
    return await inflate(bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(most);
    throw httpProblem("bad_request", "expected a gzip stream as content-encoding says, got something else", {
      cause: error,
    });
  }
}

function tooLarge(most: number): Error {
  return httpProblem("payload_too_large", `expected at most ${most} bytes, inflated`);
}
