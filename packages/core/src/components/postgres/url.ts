import { concat, encode, type Expression } from "../../model/expression.ts";
import { self } from "../self.ts";
import type { PostgresTls } from "./tls.ts";

/** Who logs in, and into which database. */
export interface Login {
  readonly user: string;
  readonly password: Expression;
  readonly database: string;
}

/** The URL of a server for a login; one that speaks TLS is verified. */
export function urlOf(server: string, { user, password, database }: Login, tls: PostgresTls): Expression {
  return concat(
    `postgres://${user}:`,
    encode("url", password),
    "@",
    self(server).address("postgres"),
    `/${database}`,
    ...(tls.host === "hostssl" ? ["?", tls.parameters] : []),
  );
}
