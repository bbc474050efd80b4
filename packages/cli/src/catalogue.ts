import type { Verb } from "./verb.ts";

/** A verb by name, with what `caisson --help` says of it; the verb itself is loaded when it is asked for. */
export interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly group: "Run" | "Look" | "Define" | "Caisson";
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

/** Every verb. To add one: a file under verbs/ and a line here. */
export const catalogue: readonly Entry[] = [
  entry(
    "Run",
    "up",
    "start the stack, or bring it to what its definition says",
    async () => (await import("./verbs/up.ts")).up,
  ),
  entry(
    "Run",
    "down",
    "stop the stack in order; -v removes its data",
    async () => (await import("./verbs/down.ts")).down,
  ),
  entry("Run", "start", "start resources that were stopped", async () => (await import("./verbs/start.ts")).start),
  entry("Run", "stop", "stop resources and leave them stopped", async () => (await import("./verbs/stop.ts")).stop),
  entry("Run", "restart", "restart resources", async () => (await import("./verbs/restart.ts")).restart),
  entry("Run", "scale", "change the number of replicas", async () => (await import("./verbs/scale.ts")).scale),
  entry(
    "Run",
    "systemd",
    "print the unit by which the host keeps the stack running",
    async () => (await import("./verbs/systemd.ts")).systemd,
  ),
  entry(
    "Run",
    "run",
    "run a command of the stack, or any program with its wiring",
    async () => (await import("./verbs/run.ts")).run,
  ),
  entry(
    "Run",
    "exec",
    "run a program beside a service, in its environment",
    async () => (await import("./verbs/exec.ts")).exec,
  ),
  entry(
    "Look",
    "ps",
    "list the resources: state, health, addresses",
    async () => (await import("./verbs/ps.ts")).ps,
    "status",
  ),
  entry(
    "Look",
    "health",
    "tell whether everything is healthy, and what is not",
    async () => (await import("./verbs/health.ts")).health,
  ),
  entry(
    "Look",
    "diff",
    "tell what was changed by hand of what runs",
    async () => (await import("./verbs/diff.ts")).diff,
  ),
  entry("Look", "logs", "show or follow the logs", async () => (await import("./verbs/logs.ts")).logs),
  entry("Look", "wait", "wait until resources are ready", async () => (await import("./verbs/wait.ts")).wait),
  entry("Look", "why", "tell why a resource is as it is", async () => (await import("./verbs/why.ts")).why),
  entry("Look", "env", "print a resource's environment", async () => (await import("./verbs/env.ts")).env),
  entry(
    "Look",
    "sql",
    "open a SQL session on a store, or run statements",
    async () => (await import("./verbs/sql.ts")).sql,
  ),
  entry("Define", "plan", "print what `up` would do, and why", async () => (await import("./verbs/plan.ts")).plan),
  entry(
    "Define",
    "graph",
    "draw the stack: text, mermaid or svg",
    async () => (await import("./verbs/graph.ts")).graph,
  ),
  entry(
    "Define",
    "docs",
    "write what people who run the stack look up",
    async () => (await import("./verbs/docs.ts")).docs,
  ),
  entry(
    "Define",
    "config",
    "print the parameters, or a template for them",
    async () => (await import("./verbs/config.ts")).config,
  ),
  entry(
    "Define",
    "build",
    "build the image with the stack's programs",
    async () => (await import("./verbs/build.ts")).build,
  ),
  entry(
    "Define",
    "images",
    "list, save, load, push or build the images the stack needs",
    async () => (await import("./verbs/images.ts")).images,
  ),
  entry(
    "Define",
    "render",
    "write the stack as files that run without Caisson",
    async () => (await import("./verbs/render.ts")).render,
  ),
  entry(
    "Define",
    "secret",
    "list, set, show, reset or export secrets",
    async () => (await import("./verbs/secret.ts")).secret,
  ),
  entry(
    "Caisson",
    "doctor",
    "check this machine and the stack",
    async () => (await import("./verbs/doctor.ts")).doctor,
  ),
  entry(
    "Caisson",
    "completion",
    "print a completion script for bash, zsh or fish",
    async () => (await import("./verbs/completion.ts")).completion,
  ),
  entry("Caisson", "version", "print the version", async () => (await import("./verbs/version.ts")).version),
  entry("Caisson", "help", "explain a verb or a topic", async () => (await import("./verbs/help.ts")).help),
];

/** The entry of a verb's name or alias. */
export function findEntry(name: string): Entry | undefined {
  return catalogue.find((each) => each.name === name || each.alias === name);
}

function entry(group: Entry["group"], name: string, summary: string, load: Entry["load"], alias?: string): Entry {
  return { name, group, summary, load, ...(alias !== undefined && { alias }) };
}
