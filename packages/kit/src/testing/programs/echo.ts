import { counter, defineProgram, HttpUrl, SecretText, Type } from "@caisson/core";
import { httpProblem, runService, type Guard } from "@caisson/kit";

const echo = defineProgram(import.meta, "echo", {
  config: Type.Object({
    greeting: Type.String({ default: "hello" }),
    apiKey: SecretText(8),
    otherUrl: Type.Optional(HttpUrl),
  }),
  http: { port: 0 },
  metrics: { greeted: counter("echo_greeted_total"), byName: counter("echo_greeted_by_name_total", ["name"]) },
});

const Item = Type.Object(
  { name: Type.String({ minLength: 1 }), count: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);

const options = { drainTimeoutMs: Number(process.env["DRAIN_TIMEOUT_MS"] ?? 8000) };

await runService(
  echo,
  ({ app, config, log, metrics, fetch }) => {
    const key: Guard<{ readonly name: string }> = {
      name: "apiKey",
      scheme: { type: "apiKey", in: "header", name: "x-api-key" },
      check: ({ headers }) => {
        if (headers["x-api-key"] !== config.apiKey) throw httpProblem("unauthenticated", "expected a valid x-api-key");
        return { name: "caller" };
      },
    };
    app.get(
      "/greet/:name",
      {
        guard: "public",
        schema: {
          params: Type.Object({ name: Type.String({ maxLength: 20 }) }),
          query: Type.Object({
            times: Type.Optional(Type.Integer({ minimum: 1 })),
            tag: Type.Optional(Type.Array(Type.String())),
          }),
          response: { 200: Type.Object({ text: Type.String(), tags: Type.Array(Type.String()) }) },
        },
      },
      ({ params, query }) => {
        metrics.greeted.inc();
        metrics.byName.inc({ name: params.name }, query.times ?? 1);
        log.info("greeting");
        return { text: `${config.greeting} ${params.name}`, tags: query.tag ?? [] };
      },
    );
    app.post(
      "/items",
      {
        guard: key,
        schema: {
          body: Type.Object({ items: Type.Array(Item, { maxItems: 1000 }) }),
          response: { 201: Type.Object({ by: Type.String(), count: Type.Integer() }) },
        },
      },
      async ({ body, identity }, reply) => reply.code(201).send({ by: identity.name, count: body.items.length }),
    );
    app.post("/small", { guard: "public", bodyLimit: 100, schema: { body: Type.Object({}) } }, () => ({}));
    app.get(
      "/slow/:ms",
      { guard: "public", schema: { params: Type.Object({ ms: Type.Integer() }) } },
      async ({ params }) => {
        if (params.ms > 100) log.info("slow");
        await new Promise((resolve) => setTimeout(resolve, params.ms));
        return { slept: params.ms };
      },
    );
    app.get("/late", { guard: "public", timeoutMs: 50 }, () => new Promise(() => {}));
    app.get("/broken", { guard: "public" }, () => {
      throw new Error(`the key ${config.apiKey} does not open it`);
    });
    app.get("/lies", { guard: "public", schema: { response: { 200: Type.Object({ count: Type.Integer() }) } } }, () => {
      const lie: unknown = { count: "many" };
      return lie as { count: number };
    });
    app.get("/headers", { guard: "public" }, ({ headers }) => {
      log.info({ headers, nested: { deep: { authorization: "Bearer deep-canary" } } }, "headers");
      return { ok: true };
    });
    app.get("/forward", { guard: "public" }, async () =>
      (await fetch(`${config.otherUrl ?? ""}/greet/forwarded`)).json(),
    );
    return () => log.info("drain function ran");
  },
  options,
);
