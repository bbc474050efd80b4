import { concat, type AddressPart, type Expression, type PathOf } from "../model/expression.ts";

/** What a component says of itself: where it listens, where others reach it, where its files, volumes and programs are. */
export interface Self {
  at(port: string, part: AddressPart): Expression;
  /** `bind:port`, on which it listens itself. */
  bind(port: string): Expression;
  /** `host:port`, at which others reach it. */
  address(port: string): Expression;
  /** The same as an HTTP address. */
  url(port: string): Expression;
  path(of: PathOf, what: string): Expression;
}

export function self(name: string): Self {
  return selfBy((port, part) => ({ kind: "address", resource: name, port, part }), name);
}

/** The same for one who tells others where it is and connects to nothing of it. */
export function told(name: string): Self {
  return selfBy((port, part) => ({ kind: "address", resource: name, port, part, told: true }), name);
}

function selfBy(at: Self["at"], name: string): Self {
  return {
    at,
    bind: (port) => concat(at(port, "bind"), ":", at(port, "port")),
    address: (port) => concat(at(port, "host"), ":", at(port, "port")),
    url: (port) => concat("http://", at(port, "host"), ":", at(port, "port")),
    path: (of, what) => ({ kind: "path", of, resource: name, name: what }),
  };
}
