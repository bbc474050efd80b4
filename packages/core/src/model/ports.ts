import type { Port } from "./resource.ts";

/** A port that people look at in `dev`, and that nobody sees elsewhere. */
export function devPort(name: string, number: number, protocol: Port["protocol"] = "http"): Port {
  return { name, number, protocol, fixed: false, published: "dev" };
}

/** A port for the stack alone. */
export function stackPort(name: string, number: number, protocol: Port["protocol"] = "http"): Port {
  return { name, number, protocol, fixed: false, published: "never" };
}
