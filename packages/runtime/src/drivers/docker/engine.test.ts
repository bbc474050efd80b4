import Docker from "dockerode";
import { expect, it } from "vitest";
import { socketOf } from "./engine.ts";

it.skipIf(process.platform !== "linux")(
  "mounts the socket that an engine is reached by, but for a virtual machine's",
  () => {
    expect(socketOf(new Docker({ socketPath: "/run/user/1000/docker.sock" }))).toBe("/run/user/1000/docker.sock");
    expect(socketOf(new Docker({ socketPath: "/home/me/.docker/desktop/docker.sock" }))).toBe("/var/run/docker.sock");
    expect(socketOf(new Docker({ host: "127.0.0.1", port: 2375 }))).toBe("/var/run/docker.sock");
  },
);
