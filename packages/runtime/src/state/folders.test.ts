import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { instanceLayout, layout, type Layout } from "./layout.ts";
import { prepareFolders, prepareInstanceFolders } from "./prepare-folders.ts";
import { tempFolder } from "./testing/temp-folder.ts";

const uid = process.getuid?.() ?? 0;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** As for an ordinary user, whoever runs the tests. */
function testLayout(): Layout {
  const root = tempFolder();
  const made = layout({ root, stack: "s", environment: "dev", uid: 1, env: {}, tmpdir: root });
  return { ...made, instancesFolder: undefined };
}

test("folders are made closed to others, and the state is kept out of commits", async () => {
  const made = testLayout();
  prepareFolders(made, uid);
  prepareFolders(made, uid);
  for (const folder of [made.stateFolder, made.socketFolder, made.hostFolder]) expect(modeOf(folder)).toBe(0o700);
  expect(readFileSync(join(made.stateFolder, "../../.gitignore"), "utf8")).toBe("*\n");
  const server = createServer().listen(made.socket);
  await once(server, "listening");
  server.close();
  const instance = instanceLayout(made, "abc");
  prepareInstanceFolders(instance, uid);
  expect(modeOf(instance.data)).toBe(0o700);
});

test("as root an instance's folders let the service user through, whatever the umask", () => {
  const made = { ...testLayout(), instancesFolder: join(tempFolder(), "lib") };
  const before = process.umask(0o077);
  try {
    const instance = instanceLayout({ ...made, hostFolder: made.instancesFolder }, "abc");
    prepareFolders({ ...made, hostFolder: made.instancesFolder }, uid);
    prepareInstanceFolders(instance, uid);
    for (const folder of [made.instancesFolder, instance.folder, instance.data, instance.binaries]) {
      expect(modeOf(folder), folder).toBe(0o755);
    }
  } finally {
    process.umask(before);
  }
});

const intrusions: Readonly<Record<string, { readonly make: (path: string) => void; readonly says: string }>> = {
  "open to others": {
    make: (path) => {
      mkdirSync(path);
      chmodSync(path, 0o755);
    },
    says: "its mode is 0755",
  },
  "a link somebody left there": {
    make: (path) => {
      mkdirSync(`${path}-target`, { mode: 0o700 });
      symlinkSync(`${path}-target`, path);
    },
    says: "a symbolic link",
  },
  "a link to nothing": { make: (path) => symlinkSync(`${path}-target`, path), says: "a symbolic link" },
  "a file": { make: (path) => writeFileSync(path, ""), says: "not a folder" },
};

test.for(Object.keys(intrusions))("a shared folder that is %s is refused", (name) => {
  const made = testLayout();
  intrusions[name]?.make(made.socketFolder);
  const prepare = (): void => prepareFolders(made, uid);
  expect(prepare).toThrow(expect.objectContaining({ code: "E_FOLDER_UNSAFE" }));
  expect(prepare).toThrow(intrusions[name]?.says);
  expect(existsSync(made.socket)).toBe(false);
});

test("a folder of another user is refused", () => {
  const made = testLayout();
  mkdirSync(made.socketFolder, { mode: 0o700 });
  expect(() => prepareFolders(made, uid + 1)).toThrow(/owned by uid/);
});
