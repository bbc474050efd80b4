import { Writable } from "node:stream";
import type { ContainerStreams } from "@caisson/runtime/containers";
import type { Context, Output } from "../context.ts";

/** Our streams, for a program in a container. */
export function containerStreams({ stdin, stdout, stderr }: Context): ContainerStreams {
  return {
    terminal: stdin.isTTY && stdout.isTTY,
    stdin: stdin.stream,
    stdout: writable(stdout),
    stderr: writable(stderr),
    size: stdout.size,
  };
}

function writable(output: Output): Writable {
  return new Writable({
    async write(chunk: Buffer, _encoding, done) {
      if (!output.write(chunk)) await output.drained();
      done();
    },
  });
}
