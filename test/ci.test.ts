import { chmodSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repo, run, tempFolder, writeFiles, type Outcome } from "./testing/repo.ts";

/** What `.ci/run` may call beside npm; nothing else of this machine is on its PATH. */
const tools = ["mktemp", "rm", "chmod", "cat", "cp", "timeout", "tail", "dirname", "sleep", "mkdir", "umount"];

/** What tests need of the system, there already. */
const present = {
  "redis-server": "",
  nginx: "",
  mosquitto: "",
  promtool: "",
  amtool: "",
  "prometheus-blackbox-exporter": "",
  "docker-registry": "",
  dockerd: "exit 1",
};

interface Answers {
  readonly ci?: number;
  readonly test?: number;
  readonly report?: string;
  readonly failing?: string;
  /** More programs on the PATH, by name; `$HERE` is their folder. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** `.ci/run` with npm replaced by a script that answers as told; nothing is installed and no test is run. */
async function runCi(answers: Answers, folder = tempFolder()): Promise<Outcome> {
  const programs: Readonly<Record<string, string>> = {
    npm: `case "$1" in
  ci) exit ${answers.ci ?? 0} ;;
  test)
    for word; do case "$word" in --outputFile.json=*) report=\${word#*=} ;; esac; done
    ${answers.report === undefined ? "" : `cp "$HERE/report.json" "$report"`}
    exit ${answers.test ?? 0} ;;
  run) [ "$3" != '${answers.failing ?? "none"}' ] ;;
esac`,
    ...(answers.programs ?? present),
  };
  writeFiles(folder, { "report.json": answers.report ?? "" });
  for (const [name, text] of Object.entries(programs)) {
    writeFiles(folder, { [name]: `#!/bin/sh\nHERE='${folder}'\n${text}\n` });
    chmodSync(join(folder, name), 0o755);
  }
  for (const name of tools)
    if (!existsSync(join(folder, name))) symlinkSync(join("/usr/bin", name), join(folder, name));
  symlinkSync(process.execPath, join(folder, "node"));
  return run("/bin/bash", [join(repo, ".ci/run")], {
    env: { PATH: folder, CI_POLICY: join(folder, "policy"), CI_IMAGES: join(folder, "images") },
  });
}

const lastLine = ({ stdout }: Outcome): string | undefined => stdout.trimEnd().split("\n").at(-1);

const report = (...files: readonly (readonly [status: string, ...tests: string[]])[]): string =>
  JSON.stringify({
    testResults: files.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });

describe(".ci/run", () => {
  test("counts tests and checks, and passes when none failed", async () => {
    const outcome = await runCi({ report: report(["passed", "passed", "passed", "skipped"], ["passed", "passed"]) });
    expect([lastLine(outcome), outcome.code]).toEqual(["7 passed, 0 failed", 0]);
    expect(outcome.stdout).toContain("tests: 3 passed, 0 failed, 1 skipped");
  });

  test.each([
    ["a test", { test: 1, report: report(["failed", "passed", "failed"]) }, "5 passed, 1 failed"],
    [
      "a test file that does not load",
      { test: 1, report: report(["failed"], ["passed", "passed"]) },
      "5 passed, 1 failed",
    ],
    ["an error outside any test", { test: 1, report: report(["passed", "passed"]) }, "5 passed, 1 failed"],
    ["a run without a report", { test: 1 }, "4 passed, 1 failed"],
    ["a check", { report: report(["passed", "passed"]), failing: "lint" }, "4 passed, 1 failed"],
    ["the installation", { ci: 1 }, "0 passed, 1 failed"],
    ["a run without a test", { report: report() }, "4 passed, 1 failed"],
  ])("tells of %s that failed", async (_, answers, expected) => {
    const outcome = await runCi(answers);
    expect(lastLine(outcome)).toBe(expected);
    expect(outcome.code).toBe(1);
  });

  // Has every package but nginx.
  const apt = `for word; do [ "$word" = nginx ] && bad=yes; done
echo "$1 \${bad:+with nginx }$(cat "$HERE/policy")" >>"$HERE/calls"
[ -z "$bad" ] || exit 100`;

  test("as root installs what tests need, with services held back, and takes the hold away again", async () => {
    const folder = tempFolder();
    const outcome = await runCi(
      { report: report(["passed", "passed"]), programs: { id: "echo 0", "apt-get": apt } },
      folder,
    );
    expect(outcome.stdout).toContain("redis-server nginx");
    expect(outcome.stdout.match(/^.* could not be installed.*$/gm)).toEqual([
      "nginx could not be installed: tests that need it are skipped and say so",
    ]);
    const hold = "#!/bin/sh\nexit 101";
    const calls = ["update ", "install with nginx ", "install ", "install with nginx ", ...Array(7).fill("install ")];
    expect(readFileSync(join(folder, "calls"), "utf8")).toBe(calls.map((call) => `${call}${hold}\n`).join(""));
    expect(existsSync(join(folder, "policy"))).toBe(false);
    expect(outcome.code).toBe(0);
  });

  test("leaves a hold that is there already as it is", async () => {
    const folder = tempFolder();
    writeFiles(folder, { policy: "its owner's" });
    await runCi({ programs: { id: "echo 0", "apt-get": apt } }, folder);
    expect(readFileSync(join(folder, "calls"), "utf8")).toContain("install its owner's\n");
    expect(readFileSync(join(folder, "policy"), "utf8")).toBe("its owner's");
  });

  test("takes the hold away when it is ended in the middle", async () => {
    const folder = tempFolder();
    // mktemp is the script's own child: its parent is the script.
    const mktemp = `echo "$PPID" >"$HERE/pid"; exec /usr/bin/mktemp "$@"`;
    const ending = `${apt}; kill -TERM "$(cat "$HERE/pid")"`;
    const outcome = await runCi(
      { programs: { id: "echo 0", mktemp, "apt-get": ending.replace("exit 100", "true") } },
      folder,
    );
    expect(outcome.stdout).not.toContain("== types");
    expect(existsSync(join(folder, "calls"))).toBe(true);
    expect(existsSync(join(folder, "policy"))).toBe(false);
  });

  test("installs nothing as another user", async () => {
    const folder = tempFolder();
    const outcome = await runCi({ programs: { id: "echo 1000", "apt-get": apt } }, folder);
    expect(outcome.stdout).toContain("not root, or no apt-get");
    expect(existsSync(join(folder, "calls"))).toBe(false);
  });

  describe("Docker", () => {
    const root = { ...present, id: "echo 0" };
    const npm = `[ "$1" = ci ] || { [ "$1" = test ] && echo "tests at $DOCKER_HOST" >>"$HERE/calls"; }`;
    const images = `echo "images $1 at $DOCKER_HOST" >>"$HERE/calls"`;
    const docker = `[ "$1" = info ] && [ -e "$HERE/engine" ]`;
    const engine = `echo $$ >"$HERE/pid"; mkdir -p "$2/data"; echo "$2" >"$HERE/engine"`;
    const told = (folder: string, file: string): string => readFileSync(join(folder, file), "utf8").trimEnd();

    test("an engine that answers gets the images it lacks, and no other is started", async () => {
      const folder = tempFolder();
      const programs = { ...root, npm, images, docker: "", dockerd: engine };
      expect((await runCi({ programs }, folder)).stdout).not.toContain("skipped and say so");
      expect(told(folder, "calls").split("\n")).toEqual(["images  at ", "tests at"]);
      expect(existsSync(join(folder, "engine"))).toBe(false);
    });

    test("where none answers one is started for the tests, ended by its id, and nothing of it is left", async () => {
      const folder = tempFolder();
      // Ends by itself, should the script leave it.
      const dockerd = `trap 'echo ended >>"$HERE/calls"; exit 0' TERM; ${engine}; sleep 60 & wait`;
      await runCi({ programs: { ...root, npm, images, docker, dockerd } }, folder);
      const data = told(folder, "engine");
      const at = `unix://${data.replace(/data$/, "sock")}`;
      expect(told(folder, "calls").split("\n")).toEqual([
        `images  at ${at}`,
        `images --compose at ${at}`,
        `tests at ${at}`,
        "ended",
      ]);
      expect(existsSync(dirname(data))).toBe(false);
    });

    test.each([
      ["ends at once", "exit 1"],
      // The script's waits take no time here.
      ["neither answers nor ends", `trap '' TERM; echo $$ >"$HERE/pid"; while :; do /bin/sleep 1; done`],
    ])("one that %s is given up, and the tests run without", async (_, dockerd) => {
      const folder = tempFolder();
      const outcome = await runCi({ programs: { ...root, npm, images, docker: "exit 1", sleep: "", dockerd } }, folder);
      expect(outcome.stdout).toContain("no engine could be started: tests that need one are skipped and say so");
      expect(told(folder, "calls")).toBe("tests at");
      if (existsSync(join(folder, "pid"))) expect(() => process.kill(Number(told(folder, "pid")), 0)).toThrow("ESRCH");
    });

    test("images that cannot be built keep no test from running", async () => {
      const folder = tempFolder();
      const programs = { ...root, npm, images: "echo no space left >&2; exit 1", docker: "" };
      expect((await runCi({ programs }, folder)).stdout).toMatch(/no space left\nnot all images could be had/);
      expect(told(folder, "calls")).toBe("tests at");
    });
  });

  test("runs every check of `npm run check`", () => {
    // npm's own field.
    const { scripts } = JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as { scripts: { check: string } };
    const checks = scripts.check.split(" && ").map((each) => each.replace(/^npm (?:run )?/, ""));
    const text = readFileSync(join(repo, ".ci/run"), "utf8");
    expect(checks).toContain("types");
    expect(checks.filter((name) => !new RegExp(`npm (?:run --silent )?${name}\\b`).test(text))).toEqual([]);
  });
});
