import { exitCodes } from "../errors/exit-codes.ts";

/** Help that belongs to no verb, by topic. */
export const topics: Readonly<Record<string, () => string>> = {
  "exit-codes": () =>
    `Exit codes\n\n${exitCodes.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`).join("\n")}\n`,
  environment: () => environment,
};

const environment = `Environment

  CAISSON_<FLAG>     sets a flag of any verb: CAISSON_ENV=prod, CAISSON_WAIT_TIMEOUT=90s, CAISSON_YES=1,
                     CAISSON_PROFILE=monitoring,production. The command line is stronger. Flags that remove data
                     have no variable; \`caisson help VERB\` names each one.
  NO_COLOR           no colours (any value but the empty one)
  FORCE_COLOR        colours also into a pipe (0: none)
  CI                 no live table and no questions, as without a terminal
  PUBLIC_PORT, ...   parameters of the stack; \`caisson config\` lists them with their variables

Parameters are looked up in this order: --set, the environment, .env (or --env-file), the value the stack gives for
its environment, the default.
`;
