import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { shimDescriptors } from "./shim.ts";

/** The agent's end of the shim's control channel. */
export interface ShimControl {
  /** Lets the program start; resolves with the line its shell writes of itself, undefined when the channel closed first. */
  go(): Promise<string | undefined>;
  close(): void;
}

/** Takes over the channel of a shim that was started with a pipe at {@link shimDescriptors}`.control`. */
export function openControl(shim: ChildProcess): ShimControl {
  const channel = shim.stdio[shimDescriptors.control];
  if (!(channel instanceof Socket)) throw new TypeError("the shim was started without a control channel");
  let text = "";
  channel.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  channel.on("error", () => channel.destroy()); // the shim is gone: `go` sees the close
  return {
    go: () =>
      new Promise((resolve) => {
        const answer = (): void => {
          const end = text.indexOf("\n");
          if (end >= 0) resolve(text.slice(0, end));
          else if (channel.destroyed || channel.readableEnded) resolve(undefined);
        };
        channel.on("data", answer).on("end", answer).on("close", answer);
        channel.write("go\n");
        answer();
      }),
    close: () => channel.destroy(),
  };
}
