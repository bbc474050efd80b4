import type { AddressPart, Expression, PathOf } from "../model/expression.ts";

/** What a component says of itself: where it listens, where its files, volumes and programs are. */
export interface Self {
  at(port: string, part: AddressPart): Expression;
  path(of: PathOf, what: string): Expression;
}

export function self(name: string): Self {
  return {
    at: (port, part) => ({ kind: "address", resource: name, port, part }),
    path: (of, what) => ({ kind: "path", of, resource: name, name: what }),
  };
}
