import { declaredSecrets, type ResolvedStack } from "@caisson/core";
import { agentFor, connectAgent } from "@caisson/runtime";
import { openSecrets, tryBind } from "@caisson/runtime/offline";
import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { askState } from "../project/offline.ts";
import { openStack, type OpenStack, type StackFlags } from "../project/open.ts";
import { checker, type Check, type DoctorContext } from "./check.ts";

const { pass, warning, fail } = checker("stack");

/** Whether the stack found here could come up: it loads, its secrets are there, its folders and ports are free. */
export async function stackChecks(context: DoctorContext, flags: StackFlags): Promise<readonly Check[]> {
  let open: OpenStack;
  let resolved: ResolvedStack;
  try {
    open = await openStack(context, flags);
    if (open.broken) throw open.broken;
  } catch (error) {
    return [userFailure("definition", error)];
  }
  const found = pass("definition", `${open.project.stack} (${open.project.environment}) in ${open.file}`);
  try {
    resolved = await open.resolve({ profile: [], set: [], "env-file": undefined });
  } catch (error) {
    return [found, userFailure("parameters", error)];
  }
  const agent = await attempt("agent", () => agentState(open));
  const ports = agent.message === stopped ? await portChecks(resolved) : [];
  return [
    found,
    pass("parameters", `${resolved.resources.length} resources worked out`),
    agent,
    folder(open),
    await attempt("secrets", () => secretState(open, resolved)),
    await attempt("plan", () => planState(open, resolved)),
    ...ports,
  ];
}

const stopped = "not running";

async function agentState({ project }: OpenStack): Promise<Check> {
  const agent = await connectAgent(project);
  if (agent === undefined) return pass("agent", stopped);
  const { pid, version, warnings } = await agent.info();
  if (warnings.length > 0) return warning("agent", warnings.join("; "), "`caisson down` and `up` start it anew.");
  return pass("agent", `runs as ${pid}, version ${version}`);
}

function folder({ project }: OpenStack): Check {
  const { stateFolder } = agentFor(project);
  let path = stateFolder;
  while (!existsSync(path)) path = dirname(path);
  try {
    accessSync(path, constants.W_OK);
    return pass("state-folder", stateFolder);
  } catch {
    return fail("state-folder", `${path} cannot be written`, `Give yourself the right to write there: ls -ld ${path}`);
  }
}

async function secretState({ project }: OpenStack, resolved: ResolvedStack): Promise<Check> {
  const stored = openSecrets(project).list();
  const missing = declaredSecrets(resolved)
    .filter(({ name, source }) => source.from === "provided" && !stored.some((each) => each.name === name))
    .map(({ name }) => name);
  if (missing.length === 0) return pass("secrets", `${stored.length} present`);
  return fail(
    "secrets",
    `missing: ${missing.join(", ")}`,
    missing.map((name) => `caisson secret set ${name}`).join("; "),
  );
}

async function planState(open: OpenStack, resolved: ResolvedStack): Promise<Check> {
  const stack = resolved;
  const programs = await open.programHashes(stack);
  const request = { stack, root: open.root, programs, only: [], yes: false, allowOvercommit: false };
  const { plan, skipped } = await askState(open.project, (source) => source.plan(request));
  const off = skipped.map(({ name, reason }) => `${name}: ${reason}`);
  const message = `${plan.operations.length} operations to do`;
  if (plan.confirmations.length > 0)
    return warning(
      "plan",
      plan.confirmations.map((each) => `${each.resource}: ${each.message}`).join("; "),
      "`caisson plan` shows it whole.",
    );
  return pass("plan", off.length === 0 ? message : `${message}; left out: ${off.join("; ")}`);
}

async function portChecks({ resources }: ResolvedStack): Promise<readonly Check[]> {
  const ports = resources.flatMap((resource) =>
    resource.ports.filter((port) => port.number > 0).map((port) => ({ resource, port })),
  );
  const taken: Check[] = [];
  for (const { resource, port } of ports) {
    const answer = await tryBind("127.0.0.1", port.number);
    if (answer === "free") continue;
    const who = `${port.number} (${resource.name})`;
    const [what, todo] =
      answer === "taken"
        ? [`${who} is taken by another program`, "End that program, or change the port."]
        : [`${who} may not be listened on by this user`, "Change the port, or let the system allow it to Node."];
    taken.push(port.fixed ? fail("ports", what, todo) : warning("ports", `${what}; another is used`, ""));
  }
  return taken.length > 0 ? taken : [pass("ports", `${ports.length} free`)];
}

async function attempt(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return userFailure(name, error);
  }
}

/** An error of the user's as a finding; a fault of ours stays one. */
function userFailure(name: string, error: unknown): Check {
  if (!(error instanceof Error) || error.name !== "CaissonError") throw error;
  return fail(name, error.message, "hint" in error ? String(error.hint) : "");
}
