import { expect, test } from "vitest";
import { parseHierarchies } from "./hierarchies.ts";

test("version 1: a tree per controller, hybrid with an empty version 2", () => {
  const mountinfo = [
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct",
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
  ].join("\n");
  const memberships = "9:name=systemd:/\n4:memory:/user.slice/a\n1:cpu,cpuacct:/b\n0::/c\n";
  expect(parseHierarchies(mountinfo, memberships)).toEqual([
    {
      version: 1,
      controllers: ["cpu", "cpuacct"],
      mount: "/sys/fs/cgroup/cpu,cpuacct",
      folder: "/sys/fs/cgroup/cpu,cpuacct/b",
    },
    {
      version: 1,
      controllers: ["memory"],
      mount: "/sys/fs/cgroup/memory",
      folder: "/sys/fs/cgroup/memory/user.slice/a",
    },
    { version: 1, controllers: ["name=systemd"], mount: "/sys/fs/cgroup/systemd", folder: "/sys/fs/cgroup/systemd/" },
    { version: 2, controllers: [], mount: "/sys/fs/cgroup/unified", folder: "/sys/fs/cgroup/unified/c" },
  ]);
});

test("version 2, and in a container that sees a part of the tree only", () => {
  const host = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
  expect(parseHierarchies(host, "0::/user.slice/user-1000.slice\n")).toMatchObject([
    { folder: "/sys/fs/cgroup/user.slice/user-1000.slice" },
  ]);
  const inside = "30 23 0:26 /docker/abc /sys/fs/cg\\040roup ro - cgroup2 cgroup rw";
  expect(parseHierarchies(inside, "0::/docker/abc\n")).toMatchObject([{ folder: "/sys/fs/cg roup/" }]);
  expect(parseHierarchies(inside, "0::/docker/abc/x\n")).toMatchObject([{ folder: "/sys/fs/cg roup/x" }]);
  // with a cgroup namespace the membership counts from there
  expect(parseHierarchies(inside, "0::/\n")).toMatchObject([{ mount: "/sys/fs/cg roup", folder: "/sys/fs/cg roup/" }]);
});

test("no cgroups at all", () => {
  expect(parseHierarchies("", "")).toEqual([]);
  expect(parseHierarchies("31 23 0:28 / /mnt rw - tmpfs tmpfs rw,memory\n", "4:memory:/\n")).toEqual([]);
  expect(parseHierarchies("31 23 0:28 / / rw - ext4 /dev/vda rw\n", "0::/\n")).toEqual([]);
});
