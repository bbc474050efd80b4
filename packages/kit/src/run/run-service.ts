import { CaissonError, type Program } from "@caisson/core";
import type { HttpApp } from "../http/app.ts";
import type { ProgramContext } from "./context.ts";
import { processHost } from "./host.ts";
import { serve, type Drain, type ServeOptions } from "./serve.ts";

/** What a service is given: a program's context and its public side. */
export interface ServiceContext<P extends Program = Program> extends ProgramContext<P> {
  readonly app: HttpApp;
}

/**
 * Runs a program that serves HTTP. `setup` adds routes and returns what is to be done when the program drains; it waits for
 * nothing outside: pools connect by themselves, and the public port opens when every required check is well.
 */
export async function runService<P extends Program>(
  program: P,
  setup: (context: ServiceContext<P>) => Promise<Drain | void> | Drain | void,
  options: ServeOptions = {},
): Promise<void> {
  await serve(
    processHost(),
    {
      program,
      open: async ({ log, tracing }, { meter, kit }, { closedBecause, draining }) => {
        if (program.http === undefined) {
          throw new CaissonError(
            "E_CONTRACT",
            `the contract of ${program.name} has no http: expected a port, or runWorker`,
          );
        }
        const { createHttp } = await import("../http/create-http.ts");
        return createHttp({
          program,
          log,
          tracing,
          requests: meter.handle(kit.httpRequests),
          seconds: meter.handle(kit.httpSeconds),
          closedBecause,
          draining,
        });
      },
      setup: (context, http) => {
        if (!http) throw new Error("a service without its public side");
        return setup({ ...context, app: http.app });
      },
    },
    options,
  );
}
