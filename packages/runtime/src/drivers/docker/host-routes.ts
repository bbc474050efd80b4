import { readFileSync } from "node:fs";
import type { Subnet } from "./subnets.ts";

/** Where this host's packets go already, but for the way to everywhere; none where the kernel does not tell. */
export function hostRoutes(file = "/proc/net/route"): Subnet[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return []; // not Linux: the engine is in a machine of its own
  }
  // Addresses and masks are hexadecimal, their bytes from the last to the first.
  const number = (hex = "0"): number => Buffer.from(hex.padStart(8, "0"), "hex").readUInt32LE();
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .filter(([, , , , , , , mask = "00000000"]) => mask !== "00000000")
    .map(([, destination, , , , , , mask]) => ({ first: number(destination), size: 2 ** 32 - number(mask) }));
}
