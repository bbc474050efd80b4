import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { text as readText } from "node:stream/consumers";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { randomText } from "./random-text.ts";
import { openSecrets, type SecretStore } from "./store.ts";

const uid = process.getuid?.() ?? 0;

function openIn(folder: string): SecretStore {
  return openSecrets(join(folder, "secrets"), { uid, now: () => 1000 });
}

test("a generated secret is made once, in a file closed to others", () => {
  const folder = tempFolder();
  const made = openIn(folder).ensureGenerated("db-superuser", { bytes: 32 });
  expect(made.value).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(openIn(folder).ensureGenerated("db-superuser", { bytes: 32 })).toEqual(made);
  expect(openIn(folder).get("db-superuser")).toEqual(made);
  expect(openIn(folder).get("other")).toBeUndefined();
  expect(statSync(join(folder, "secrets")).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, "secrets"))).toEqual(["db-superuser.1.json"]);
  expect(statSync(join(folder, "secrets", "db-superuser.1.json")).mode & 0o777).toBe(0o600);
  expect(made.version).not.toContain(made.value);
});

test("what people supply: one newline less, the same again changes nothing, another is a new version", () => {
  const store = openIn(tempFolder());
  expect(store.setProvided("smtp", "pass word\n\n").value).toBe("pass word\n");
  expect(store.setProvided("smtp", "pass word\r\n").value).toBe("pass word");
  const again = store.setProvided("smtp", Buffer.from("pass word"));
  expect(store.list()).toEqual([
    {
      name: "smtp",
      source: "provided",
      versions: [
        { version: expect.any(String), createdAt: 1000 },
        { version: again.version, createdAt: 1000 },
      ],
    },
  ]);
  expect(store.everything().map(({ value }) => value)).toEqual(["pass word\n", "pass word"]);
});

test.for([
  ["nothing", ""],
  ["only a newline", "\n"],
  ["three characters", "abc"],
  ["a zero byte", "abc\0def"],
  ["no UTF-8", Uint8Array.of(0xff, 0xfe, 0x41, 0x42, 0x43)],
  ["half a character", "abcd\ud800"],
  ["too much", "x".repeat(500_001)],
] as const)("%s is refused and not quoted", ([, value]) => {
  const folder = tempFolder();
  const set = (): unknown => openIn(folder).setProvided("smtp", value);
  expect(set).toThrow(expect.objectContaining({ code: "E_SECRET_VALUE" }));
  expect(set).not.toThrow(/abcd|xxxx|ABC/);
  expect(readdirSync(join(folder, "secrets"))).toEqual([]);
});

test("a reset makes a new version and keeps the old one; what people supply is theirs to change", () => {
  const store = openIn(tempFolder());
  const first = store.ensureGenerated("db", { bytes: 32 });
  const second = store.reset("db", { bytes: 32 });
  expect(store.get("db")).toEqual(second);
  expect(second.value).not.toBe(first.value);
  expect(second.salt).not.toBe(first.salt);
  expect(store.everything()).toEqual([first, second]);
  for (let count = 3; count <= 12; count++) store.reset("db", { bytes: 32 });
  expect(store.list()[0]?.versions.length).toBe(12);
  expect(store.get("db")).toEqual(store.everything().at(-1));
  store.setProvided("smtp", "pass word");
  expect(() => store.reset("smtp", { bytes: 32 })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("caisson secret set smtp") }),
  );
});

test("a list shows no value", () => {
  const store = openIn(tempFolder());
  const made = store.ensureGenerated("db", { bytes: 32 });
  const told = JSON.stringify(store.list());
  expect(told).toContain(made.version);
  expect(told).not.toContain(made.value);
  expect(told).not.toContain(made.salt);
});

test("names and sizes that do not fit are refused", () => {
  const store = openIn(tempFolder());
  for (const name of ["", "../x", "A", "a/b", "a.b", ".a", "x".repeat(81)]) {
    expect(() => store.ensureGenerated(name, { bytes: 32 }), name).toThrow(
      expect.objectContaining({ code: "E_NAME_INVALID" }),
    );
  }
  for (const bytes of [15, 65, 20.5]) {
    expect(() => store.ensureGenerated("a", { bytes })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
  }
});

test("files and folders that others could have read or put there are refused, with what to run", () => {
  const folder = tempFolder();
  openIn(folder).ensureGenerated("db", { bytes: 32 });
  const file = join(folder, "secrets", "db.1.json");
  chmodSync(file, 0o640);
  expect(() => openIn(folder).get("db")).toThrow(
    expect.objectContaining({ code: "E_SECRET_FILE", hint: expect.stringContaining(`chmod 600 ${file}`) }),
  );
  chmodSync(file, 0o600);
  chmodSync(join(folder, "secrets"), 0o750);
  expect(() => openIn(folder)).toThrow(
    expect.objectContaining({
      code: "E_FOLDER_UNSAFE",
      hint: expect.stringContaining(`chmod 700 ${join(folder, "secrets")}`),
    }),
  );
  chmodSync(join(folder, "secrets"), 0o700);
  expect(() => openSecrets(join(folder, "secrets"), { uid: uid + 1, now: () => 0 })).toThrow(/owned by uid/);
  renameSync(file, join(folder, "elsewhere.json"));
  symlinkSync(join(folder, "elsewhere.json"), file);
  expect(() => openIn(folder).get("db")).toThrow(/symbolic link/);
});

test("a damaged file, and one put in another's place, are named and never replaced", () => {
  const folder = tempFolder();
  const store = openIn(folder);
  store.ensureGenerated("a", { bytes: 32 });
  store.ensureGenerated("b", { bytes: 32 });
  copyFileSync(join(folder, "secrets", "a.1.json"), join(folder, "secrets", "b.1.json"));
  expect(() => store.get("b")).toThrow(/of the secret b, but it holds the secret a/);
  for (const damage of ["", "{", "null", '{"format":1,"name":"b"}']) {
    writeFileSync(join(folder, "secrets", "b.1.json"), damage);
    expect(() => store.ensureGenerated("b", { bytes: 32 })).toThrow(expect.objectContaining({ code: "E_SECRET_FILE" }));
    expect(readFileSync(join(folder, "secrets", "b.1.json"), "utf8")).toBe(damage);
  }
});

test("several processes at once agree on one generated secret, and lose no supplied version", async () => {
  const folder = join(tempFolder(), "secrets");
  const writer = fileURLToPath(new URL("testing/secret-writer.ts", import.meta.url));
  const run = async (...argv: string[]): Promise<string> => {
    const child = spawn(process.execPath, [writer, folder, ...argv], { stdio: ["ignore", "pipe", "inherit"] });
    const [version] = await Promise.all([readText(child.stdout), once(child, "exit")]);
    return version;
  };
  const generated = await Promise.all(Array.from({ length: 6 }, () => run("db", "generate")));
  expect(new Set(generated).size).toBe(1);
  const supplied = await Promise.all(Array.from({ length: 6 }, (_, index) => run("smtp", `value ${index}`)));
  const kept = openSecrets(folder, { uid, now: () => 0 });
  expect(
    kept
      .list()
      .find(({ name }) => name === "smtp")
      ?.versions.map(({ version }) => version)
      .sort(),
  ).toEqual(supplied.sort());
});

test("another process that is faster, between our look and our write, is agreed with", () => {
  const folder = join(tempFolder(), "secrets");
  const other = openSecrets(folder, { uid, now: () => 0 });
  /** Does what the other process does at the moment our store makes its first version. */
  const racing = (first: () => unknown): SecretStore => {
    let raced = false;
    const now = (): number => {
      if (!raced) {
        raced = true;
        first();
      }
      return 0;
    };
    return openSecrets(folder, { uid, now });
  };
  const generated = racing(() => other.ensureGenerated("db", { bytes: 32 })).ensureGenerated("db", { bytes: 32 });
  expect(other.get("db")).toEqual(generated);
  racing(() => other.setProvided("smtp", "theirs")).setProvided("smtp", "ours");
  expect(other.everything().map(({ name, value }) => [name, value])).toEqual(
    expect.arrayContaining([
      ["smtp", "theirs"],
      ["smtp", "ours"],
    ]),
  );
  expect(other.everything().length).toBe(3);
});

test("always outrun by another process, it gives up with an error, not an endless loop", () => {
  const folder = join(tempFolder(), "secrets");
  const other = openSecrets(folder, { uid, now: () => 0 });
  const outrun = openSecrets(folder, {
    uid,
    now: () => {
      other.reset("db", { bytes: 32 });
      return 0;
    },
  });
  expect(() => outrun.reset("db", { bytes: 32 })).toThrow(
    expect.objectContaining({ code: "E_SECRET_FILE", message: expect.stringContaining("always there already") }),
  );
});

test("what a crash left unfinished is removed, a live writer's file is not", () => {
  const folder = tempFolder();
  const store = openIn(folder);
  store.ensureGenerated("db", { bytes: 32 });
  const place = join(folder, "secrets");
  const dead = ".db.2.json.4194304-0123456789ab.tmp"; // above the largest pid
  const live = `.db.2.json.${process.pid}-0123456789ab.tmp`;
  for (const name of [dead, live]) writeFileSync(join(place, name), "unfinished", { mode: 0o600 });
  expect(openIn(folder).list()[0]?.versions.length).toBe(1);
  expect(readdirSync(place).sort()).toEqual([live, "db.1.json"].sort());
});

test("random text has every letter equally often and enough of them", () => {
  expect(randomText(32)).toHaveLength(43);
  expect(randomText(16)).toHaveLength(22);
  const counts = new Map<string, number>();
  const total = 62 * 2000;
  for (let left = total; left > 0; left -= 43) {
    for (const letter of randomText(32)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(62);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  // 61 degrees of freedom: above 130 once in a million; taking bytes modulo 62 gives some 1500
  expect(chiSquare).toBeLessThan(130);
});
