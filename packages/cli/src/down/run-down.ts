import { ensureAgent, type Project } from "@caisson/runtime";
import { confirm } from "../ask.ts";
import { isJson } from "../args/format.ts";
import type { Context } from "../context.ts";
import { ExitCode, reportError } from "../errors/report.ts";
import { tellBroken } from "../project/agent.ts";
import { askState } from "../project/offline.ts";
import { openStack } from "../project/open.ts";
import { bytes } from "../render/time.ts";
import { progressFor } from "../up/progress.ts";
import { takeDown } from "../up/take-down.ts";
import type { DownArguments } from "../verbs/down.ts";
import { dataOf, type DataFolder } from "./data.ts";
import { projectsBelow } from "./projects.ts";

/** Takes the stack down, or every stack of the project: one that will not go does not keep the others up. */
export async function runDown(context: Context, { flags }: DownArguments): Promise<void> {
  const projects = flags.all ? projectsBelow(context.cwd) : [await named(context, flags)];
  const codes: number[] = [];
  const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      codes.push(await reportError(error, context, isJson(flags.format)));
      return undefined;
    }
  };
  const looks = projects.map((project) => attempt(async () => ({ project, ...(await look(project, flags.volumes)) })));
  const found = (await Promise.all(looks)).filter((each) => each !== undefined);
  await takeEachDown(context, flags, found, attempt);
  const [code] = codes;
  if (code !== undefined) throw new ExitCode(code);
}

async function takeEachDown(
  context: Context,
  flags: DownArguments["flags"],
  found: readonly (Found & { readonly project: Project })[],
  attempt: (act: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const data = found.flatMap((each) => each.data);
  const { stdout, stderr } = context;
  if (flags["dry-run"]) {
    for (const { project, runs } of found)
      stdout.write(`${nameOf(project)}: ${runs ? "goes down" : "is not running"}\n`);
    for (const each of data) stdout.write(`${describe(each)}\n`);
    return;
  }
  if (data.length > 0) {
    for (const each of data) stderr.write(`${describe(each)}\n`);
    const total = bytes(data.reduce((sum, each) => sum + each.bytes, 0));
    await confirm(context, `Removing ${total} of data for good`, flags.yes);
  }
  for (const { project, runs, data: own } of found) {
    if (!runs && own.length === 0) stderr.write(`${nameOf(project)} is not running\n`);
    else
      await attempt(async () => {
        // Only an agent ends what a killed one left, and removes data under its lock.
        const { agent } = await ensureAgent(project);
        await takeDown(context, agent, {
          volumes: flags.volumes,
          progress: progressFor(context, context.now(), isJson(flags.format)),
        });
      });
  }
}

async function named(context: Context, flags: DownArguments["flags"]): Promise<Project> {
  const open = await openStack(context, flags);
  tellBroken(context, open);
  return open.project;
}

interface Found {
  readonly runs: boolean;
  readonly data: readonly DataFolder[];
}

async function look(project: Project, volumes: boolean): Promise<Found> {
  const runs = await askState(project, async (source, running) => {
    const { resources } = await source.resources();
    return running || resources.some((view) => view.pids.length > 0);
  });
  return { runs, data: volumes ? await dataOf(project) : [] };
}

function nameOf({ stack, environment }: Project): string {
  return `${stack} (${environment})`;
}

function describe({ project, resource, volume, bytes: size, path }: DataFolder): string {
  return `data of ${nameOf(project)}: ${resource}/${volume}  ${bytes(size)}  ${path}`;
}
