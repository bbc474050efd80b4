import type { Program } from "@caisson/core";
import type { ProgramContext } from "./context.ts";
import { processHost } from "./host.ts";
import { serve, type Drain, type ServeOptions } from "./serve.ts";

/**
 * Runs a program that serves no public HTTP: loops and pools, with the management listener. Its loops start when every
 * required check is well; a loop that hangs makes `live` answer 503.
 */
export async function runWorker<P extends Program>(
  program: P,
  setup: (context: ProgramContext<P>) => Promise<Drain | void> | Drain | void,
  options: ServeOptions = {},
): Promise<void> {
  await serve(processHost(), { program, setup: (context) => setup(context) }, options);
}
