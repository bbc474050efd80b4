import { expect, test } from "vitest";
import { instanceLayout, layout, type LayoutInput } from "./layout.ts";

const user: LayoutInput = {
  root: "/home/ada/shop",
  stack: "shop",
  environment: "dev",
  uid: 1000,
  env: { XDG_RUNTIME_DIR: "/run/user/1000" },
  tmpdir: "/tmp",
};

test("as a user everything durable is beside the project", () => {
  const made = layout(user);
  expect(made).toEqual({
    stateFolder: "/home/ada/shop/.caisson/shop/dev",
    stateFile: "/home/ada/shop/.caisson/shop/dev/state.db",
    lockFile: "/home/ada/shop/.caisson/shop/dev/agent.lock",
    secretsFolder: "/home/ada/shop/.caisson/shop/dev/secrets",
    socketFolder: "/run/user/1000/caisson",
    socket: expect.stringMatching(/^\/run\/user\/1000\/caisson\/[0-9a-f]{16}\.sock$/),
    hostFolder: "/tmp/caisson-1000",
    leasesFile: "/tmp/caisson-1000/ports.db",
    compileCache: "/tmp/caisson-1000/compile-cache",
    instancesFolder: undefined,
  });
  expect(instanceLayout(made, "abc")).toMatchObject({
    folder: made.stateFolder,
    mode: 0o700,
    data: `${made.stateFolder}/data`,
  });
});

test("as root what children must reach is under /var/lib/caisson", () => {
  const made = layout({ ...user, uid: 0, env: {} });
  expect(made).toMatchObject({
    stateFolder: "/home/ada/shop/.caisson/shop/dev",
    socketFolder: "/var/lib/caisson/sockets",
    leasesFile: "/var/lib/caisson/ports.db",
  });
  // In a session and out of one.
  expect(layout({ ...user, uid: 0 }).socket).toBe(made.socket);
  expect(instanceLayout(made, "abc")).toMatchObject({
    folder: "/var/lib/caisson/abc",
    mode: 0o755,
    binaries: "/var/lib/caisson/abc/bin",
    data: "/var/lib/caisson/abc/data",
  });
});

test("the leases are the same with and without a session's runtime folder", () => {
  expect(layout({ ...user, env: {} }).leasesFile).toBe(layout(user).leasesFile);
});

test("a socket's path is short enough however deep the clone and the temporary folder are", () => {
  const deep = `/${"d".repeat(60)}`.repeat(4);
  for (const env of [{}, { XDG_RUNTIME_DIR: `/run${deep}` }, { XDG_RUNTIME_DIR: "relative" }]) {
    const { socket } = layout({ ...user, root: deep, tmpdir: deep, env });
    expect(socket).toMatch(/^\/tmp\/caisson-1000\/[0-9a-f]{16}\.sock$/);
  }
  const macos = layout({ ...user, env: {}, tmpdir: "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T" });
  expect(Buffer.byteLength(macos.socket)).toBeLessThanOrEqual(103);
  expect(macos.socket).toContain("/var/folders/");
});

test("two clones, stacks and environments have sockets of their own", () => {
  const variants: Partial<LayoutInput>[] = [
    {},
    { root: "/home/ada/shop2" },
    { stack: "other" },
    { environment: "prod" },
  ];
  const sockets = variants.map((change) => layout({ ...user, ...change }).socket);
  expect(new Set(sockets).size).toBe(variants.length);
});
