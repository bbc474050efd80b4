import { createServer } from "node:net";
import { CaissonError } from "@caisson/core/run";
import { errorCode } from "../host/error-code.ts";

/** `denied`: the system keeps the port from us (below 1024, not root). */
export type BindAnswer = "free" | "taken" | "denied";

/**
 * Tries to listen, alone, and gives up at once. Only this tells whether a port is free: without `reusePort` it fails
 * also beside another program of ours that would share. Throws E_PORT_ADDRESS for a host that is not this machine.
 */
export function tryBind(host: string, port: number): Promise<BindAnswer> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = errorCode(error);
      if (code === "EADDRINUSE") resolve("taken");
      else if (code === "EACCES" || code === "EPERM") resolve("denied");
      else if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") reject(noAddress(host, error));
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve("free")));
  });
}

function noAddress(host: string, cause: Error): CaissonError {
  return new CaissonError("E_PORT_ADDRESS", `expected an address of this machine to listen on, got ${host}`, { cause });
}
