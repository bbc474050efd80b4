import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../state/testing/temp-folder.ts";
import { observeHost } from "./facts.ts";
import { findPrograms } from "./programs.ts";

function script(path: string, says: string, to = 1): void {
  writeFileSync(path, `#!/bin/sh\necho '${says}' >&${to}\n`, { mode: 0o755 });
}

test("programs are found on the PATH with the version they say they have, on stdout or stderr", () => {
  const folder = tempFolder();
  script(join(folder, "redis-server"), "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64");
  script(join(folder, "valkey-server"), "Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64");
  script(join(folder, "nginx"), "nginx version: nginx/1.26.3", 2);
  const facts = observeHost({ PATH: folder, TZ: "Europe/Berlin", HOME: "/h" });
  expect(facts.redis.slice(0, 1)).toEqual([
    { name: "valkey-server", path: join(folder, "valkey-server"), version: "8.1.1", major: 8 },
  ]);
  expect(facts.redis).toContainEqual({
    name: "redis-server",
    path: join(folder, "redis-server"),
    version: "7.2.4",
    major: 7,
  });
  expect(facts.nginx[0]).toEqual({ name: "nginx", path: join(folder, "nginx"), version: "1.26.3", major: 1 });
  expect(facts).toMatchObject({ path: folder, home: "/h", timeZone: "Europe/Berlin" });
});

test("a program is run only when somebody asks for it, and once", () => {
  const folder = tempFolder();
  for (const name of ["nginx", "prometheus"])
    writeFileSync(join(folder, name), `#!/bin/sh\necho x >>'${folder}/ran-${name}'\necho 'nginx/1.26.3'\n`, {
      mode: 0o755,
    });
  const facts = observeHost({ PATH: folder });
  const ran = (): string[] => readdirSync(folder).filter((name) => name.startsWith("ran-"));
  expect(ran()).toEqual([]);
  expect(facts.nginx[0]?.version).toBe("1.26.3");
  expect(facts.nginx[0]?.path).toBe(join(folder, "nginx"));
  expect(ran()).toEqual(["ran-nginx"]);
  expect(readFileSync(join(folder, "ran-nginx"), "utf8")).toBe("x\n");
});

test("a PostgreSQL needs its initdb beside it; its extensions are read from its own folder", () => {
  const folder = tempFolder();
  const [whole, half] = [join(folder, "whole"), join(folder, "half")];
  for (const each of [whole, half]) {
    mkdirSync(join(each, "bin"), { recursive: true });
    script(join(each, "bin", "postgres"), "postgres (PostgreSQL) 18.6 (Debian 18.6-1.pgdg13+1)");
  }
  script(join(whole, "bin", "initdb"), "");
  mkdirSync(join(whole, "share", "extension"), { recursive: true });
  for (const file of ["vector.control", "vector--0.8.6.sql"])
    writeFileSync(join(whole, "share", "extension", file), "");
  const { systemPostgres } = observeHost({ PATH: `${half}/bin:${whole}/bin` });
  expect(systemPostgres.filter(({ folder: at }) => at.startsWith(folder))).toEqual([
    { folder: whole, version: "18.6", major: 18, extensions: ["vector"] },
  ]);
});

test("one program under two names is one; one that cannot run, hangs up or says something else is none", () => {
  const folder = tempFolder();
  const [first, second] = [join(folder, "a"), join(folder, "b")];
  for (const each of [first, second]) mkdirSync(each);
  script(join(first, "tool"), "tool/2.1");
  symlinkSync(join(first, "tool"), join(second, "tool"));
  const find = (): unknown[] => findPrograms([second, first, second], "tool", "-v", /tool\/([\d.]+)/);
  expect(find()).toEqual([{ name: "tool", path: join(first, "tool"), version: "2.1", major: 2 }]);
  script(join(first, "tool"), "usage: tool");
  expect(find()).toEqual([]);
  chmodSync(join(first, "tool"), 0o644);
  expect(find()).toEqual([]);
});

test("a file that is several programs is called by the name that was found", () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "tool-check"), '#!/bin/sh\n[ "${0##*/}" = tool ] && echo tool/3.0 || echo checks\n', {
    mode: 0o755,
  });
  symlinkSync("tool-check", join(folder, "tool"));
  expect(findPrograms([folder], "tool", "-v", /tool\/([\d.]+)/)).toEqual([
    { name: "tool", path: join(folder, "tool"), version: "3.0", major: 3 },
  ]);
});

test("memory is at most the machine's, whatever a control group says", () => {
  const { memory, cpus } = observeHost({});
  expect(memory).toBeGreaterThan(1e8);
  expect(memory).toBeLessThan(1e14);
  expect(cpus).toBeGreaterThanOrEqual(1);
});
