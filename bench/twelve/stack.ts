import { defineProgram, defineStack, service, Type } from "@caisson/core";

/** Twelve trivial HTTP services on the ports 23100 to 23111. */
export default defineStack(
  "twelve",
  Array.from({ length: 12 }, (_, index) =>
    service(
      defineProgram(import.meta, `web${index}`, {
        main: "./service.js",
        config: Type.Object({}),
        management: false,
        http: { port: 23_100 + index, ready: "/", live: "/" },
      }),
      { config: {} },
    ),
  ),
);
