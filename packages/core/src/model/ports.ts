import type { Port } from "./resource.ts";

/** A port that people look at in `dev`, and that nobody sees elsewhere. */
export function devPort(name: string, number: number, protocol: Port["protocol"] = "http"): Port {
  return { name, number, protocol, fixed: false, published: "dev" };
}

/** A port for everybody. `fixed`: it is had by that number or not at all. */
export function publicPort(name: string, number: number, fixed = false): Port {
  return { name, number, protocol: "http", fixed, published: "always" };
}

/** A port for the stack alone. */
export function stackPort(name: string, number: number, protocol: Port["protocol"] = "http"): Port {
  return { name, number, protocol, fixed: false, published: "never" };
}
