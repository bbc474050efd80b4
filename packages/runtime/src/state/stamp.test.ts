import { chownSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkStamp, type StampExpectation } from "./check-stamp.ts";
import { readStamp, settleStamp, stampFile, writeStamp, type Stamp } from "./stamp.ts";
import { tempFolder } from "./testing/temp-folder.ts";

const stamp: Stamp = {
  id: "v1",
  instance: "i1",
  component: "postgres",
  resource: "db",
  dataMajor: 18,
  secretVersions: { "db-superuser": "s1" },
};

const expected: StampExpectation = {
  instance: "i1",
  component: "postgres",
  resource: "db",
  dataMajor: 18,
  secretVersions: { "db-superuser": ["s0", "s1"] },
  adopt: false,
};

test("a stamp is read back, closed to others, and the folder owner's", () => {
  const folder = tempFolder();
  writeStamp(folder, stamp);
  writeStamp(folder, { ...stamp, dataMajor: 17 });
  expect(readStamp(folder)).toEqual({ ...stamp, dataMajor: 17 });
  expect(readdirSync(folder)).toEqual([stampFile]);
  const { mode, uid } = statSync(join(folder, stampFile));
  expect([mode & 0o777, uid]).toEqual([0o600, statSync(folder).uid]);
});

test.skipIf(process.getuid?.() !== 0)(
  "as root, the stamp in the service user's folder is the service user's (needs root)",
  () => {
    const folder = tempFolder();
    chownSync(folder, 65_534, 65_534);
    writeStamp(folder, stamp);
    expect(statSync(join(folder, stampFile)).uid).toBe(65_534);
  },
);

test("the state survives a lost stamp, the stamp a lost state", () => {
  const folder = tempFolder();
  expect(settleStamp(folder, undefined)).toBeUndefined();
  for (const text of ["", "{}", "null", '{"format":2}', JSON.stringify({ format: 1, ...stamp, dataMajor: "18" })]) {
    writeFileSync(join(folder, stampFile), text);
    expect(readStamp(folder), text).toBeUndefined();
  }
  expect(settleStamp(folder, stamp)).toEqual(stamp);
  expect(settleStamp(folder, undefined)).toEqual(stamp);
  rmSync(join(folder, stampFile));
  expect(readStamp(join(folder, "not-there"))).toBeUndefined();
});

test("a link in place of the stamp is neither followed nor written through", () => {
  const folder = tempFolder();
  const elsewhere = join(tempFolder(), "target");
  mkdirSync(folder, { recursive: true });
  writeFileSync(elsewhere, JSON.stringify({ format: 1, ...stamp }));
  symlinkSync(elsewhere, join(folder, stampFile));
  expect(readStamp(folder)).toBeUndefined();
  writeStamp(folder, { ...stamp, id: "v2" });
  expect(readFileSync(elsewhere, "utf8")).toContain('"v1"');
});

const cases: readonly [
  name: string,
  stamp: Stamp | undefined,
  change: Partial<StampExpectation>,
  code: string,
  says: RegExp,
][] = [
  ["no stamp", undefined, {}, "E_DATA_FOREIGN", /without a stamp/],
  ["another instance", { ...stamp, instance: "i2" }, {}, "E_DATA_FOREIGN", /i2, expected i1\); move it away/],
  ["another component", { ...stamp, component: "redis" }, {}, "E_DATA_COMPONENT", /made by redis, and db is postgres/],
  ["another resource", { ...stamp, resource: "old" }, {}, "E_DATA_COMPONENT", /renamedFrom: "old"/],
  [
    "a jump up",
    { ...stamp, dataMajor: 17 },
    {},
    "E_DATA_MAJOR",
    /postgres 17, which postgres 18 cannot read; keep version 17/,
  ],
  ["a jump down", { ...stamp, dataMajor: 19 }, {}, "E_DATA_MAJOR", /postgres 19/],
  [
    "a lost secret",
    stamp,
    { secretVersions: { "db-superuser": [] } },
    "E_SECRET_LOST",
    /caisson secret reset db-superuser/,
  ],
  ["a new secret only", stamp, { secretVersions: { "db-superuser": ["s2"] } }, "E_SECRET_LOST", /db-superuser/],
];

test.for(cases)("%s is refused", ([, found, change, code, says]) => {
  const problems = checkStamp("/data/db", found, { ...expected, ...change });
  expect(problems).toEqual([{ code, path: "db", message: expect.stringMatching(says) }]);
});

test.for([
  ["the same", {}],
  ["renamed", { resource: "new", renamedFrom: "db" }],
  ["a secret that is not used any more", { secretVersions: {} }],
  ["adopted", { instance: "i2", adopt: true }],
] as const)("%s is let through", ([, change]) => {
  expect(checkStamp("/data/db", stamp, { ...expected, ...change })).toEqual([]);
});

test("several things wrong are told at once", () => {
  const problems = checkStamp(
    "/d",
    { ...stamp, dataMajor: 17 },
    { ...expected, secretVersions: { "db-superuser": [] } },
  );
  expect(problems.map(({ code }) => code)).toEqual(["E_DATA_MAJOR", "E_SECRET_LOST"]);
});
