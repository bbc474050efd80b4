import { podsOf } from "../pods-of.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Volume } from "../../model/resource.ts";
import { startOrder } from "../order.ts";
import { code, table } from "./markdown.ts";

/** Each profile with what it turns on. */
export function profilesTable({ profiles, resources }: ResolvedStack): string {
  const always = resources.filter((each) => each.profiles.length === 0).map(({ name }) => name);
  const rows = [
    ["always on", "", always.join(", ")],
    ...profiles.all.map((profile) => [
      profile,
      code(`caisson up -d --profile ${profile}`),
      resources
        .filter((each) => each.profiles.includes(profile))
        .map(({ name }) => name)
        .join(", "),
    ]),
  ];
  return table(["profile", "turned on by", "resources"], rows, "");
}

/** Which services share a container, and what one of those may take; nothing where none do. */
export function podsTable({ resources }: ResolvedStack): string | undefined {
  const pods = podsOf(resources);
  if (pods.length === 0) return undefined;
  const rows = pods.map(({ name, members, replicas, resources: { limits } }) => {
    const { cpus, memory } = limits;
    return [
      name,
      members.map((member) => member.name).join(", "),
      String(replicas),
      cpus === undefined ? "" : String(cpus),
      memory === undefined ? "" : `${memory / 1024 ** 2} MB`,
    ];
  });
  return `In containers these share one, once for each replica; a member that ends is started again inside. As processes they run side by side, and the limits do not hold.\n\n${table(["pod", "members", "replicas", "CPUs", "memory"], rows, "")}`;
}

/** What the stack names and does not have, and why. */
export function skippedTable({ skipped }: ResolvedStack): string {
  return table(
    ["resource", "because"],
    skipped.map(({ name, reason }) => [name, reason]),
    "",
  );
}

/** Who starts when, and what each waits for. */
export function ordersTable(stack: ResolvedStack): string {
  const starts = new Set(stack.resources.filter(({ kind }) => kind !== "command").map(({ name }) => name));
  const rows = startOrder(stack)
    .filter(({ name }) => starts.has(name))
    .toSorted((a, b) => a.wave - b.wave)
    .map(({ name, wave, because }) => [
      String(wave),
      name,
      because.map(({ to, condition, why }) => `${to} is ${words[condition]} (${why})`).join("; ") || "nothing",
    ]);
  return `Everything of one wave starts at the same time. What is only used is waited for by nobody.\n\n${table(["wave", "resource", "waits until"], rows, "Nothing starts.")}`;
}

const words = { started: "started", healthy: "ready", completed: "done" } as const;

/** Every volume, what is lost with it, and how much that matters to a backup. */
export function volumesTable({ resources }: ResolvedStack): string {
  const rows = resources
    .flatMap(({ name, volumes }) => volumes.map((volume) => ({ name, volume, ...priorities[volume.holds ?? "data"] })))
    .toSorted((a, b) => a.order - b.order)
    .map(({ name, volume, priority, lost }) => [name, volume.name, priority, lost]);
  return `${table(["of", "volume", "backup", "what is lost with it"], rows, "Nothing here keeps data.")}\n\n\`caisson down\` keeps all data, \`caisson down -v\` removes it.`;
}

const priorities: Readonly<
  Record<NonNullable<Volume["holds"]> | "data", { order: number; priority: string; lost: string }>
> = {
  data: { order: 0, priority: "first", lost: "data that nobody else has" },
  history: {
    order: 1,
    priority: "if you look back",
    lost: "what was seen so far; what is to come is seen all the same",
  },
  cache: { order: 2, priority: "none", lost: "nothing: it comes back by itself, slower at first" },
};

/** Where each program's output is. */
export function logsText({ name, environment }: ResolvedStack): string {
  return [
    `${code("caisson logs")} shows all of them, in the order of their times. On a host they are files, one a replica: below`,
    `${code(`.caisson/${name}/${environment}`)} in the folder of the stack's package.json, as root below ${code("/var/lib/caisson")}, in ${code("logs/NAME.REPLICA.log")}; what`,
    `came before is beside it, with .1 at its end. In containers the engine has them too: ${code(`docker compose -p ${name}-${environment} logs`)}.`,
  ].join("\n");
}
