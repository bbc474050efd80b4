import { expect, test } from "vitest";
import { serviceUser } from "./service-user.ts";

const root = "root:x:0:0:root:/root:/bin/bash\n";
const nobody = "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const own = "caisson:x:990:980::/nonexistent:/usr/sbin/nologin\n";

test("not as root everything runs as ourselves, whatever the host's users are", () => {
  expect(serviceUser(1000)).toBeUndefined();
  expect(serviceUser(1000, undefined, own)).toBeUndefined();
});

test("as root: the user made for it, else nobody", () => {
  expect(serviceUser(0, undefined, root + nobody)).toEqual({ name: "nobody", uid: 65_534, gid: 65_534 });
  expect(serviceUser(0, undefined, root + nobody + own)).toEqual({ name: "caisson", uid: 990, gid: 980 });
});

test("whoever made the data stays its owner", () => {
  const recorded = { name: "nobody", uid: 65_534, gid: 65_534 };
  expect(serviceUser(0, recorded, root + nobody + own)).toEqual(recorded);
});

test("never root in disguise; nobody at all is an error that says what to run", () => {
  for (const users of ["", root, "nobody:x:0:0::/:/bin/sh\n", "caisson:x::::\n"]) {
    expect(() => serviceUser(0, undefined, users), users).toThrow(
      expect.objectContaining({ code: "E_SERVICE_USER", hint: expect.stringContaining("useradd --system") }),
    );
  }
});
