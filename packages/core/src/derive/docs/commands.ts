import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource } from "../../model/resource.ts";
import { declaredSecrets } from "../../resolve/declared-secrets.ts";
import { isHostProduct } from "../../model/host-products.ts";
import { reachable } from "./endpoints.ts";
import { code, table } from "./markdown.ts";

type Row = readonly [what: string, command: string];

/** What is done every day, each with the command. */
export function tasks(stack: ResolvedStack): string {
  const service = serviceOf(stack);
  const command = first(stack, "command");
  const database = databaseOf(stack);
  const alone = inContainersAlone(stack);
  return commandTable("to", [
    ...(alone.length > 0 ? firstTime(stack, alone) : []),
    ["start it, or bring it to what the stack says", "caisson up -d --wait"],
    ["see what `up` would do", "caisson plan"],
    ["see what runs, and where", "caisson ps"],
    ["know whether all is well", "caisson health"],
    ...(service ? serviceTasks(service) : []),
    ...(command
      ? ([["run a command of the stack; its own arguments follow `--`", `caisson run ${command.name}`]] as const)
      : []),
    ...(database ? ([["ask the database", `caisson sql ${database.name} -c 'select now()'`]] as const) : []),
    ["list the secrets, without values", "caisson secret list"],
    ["list the parameters", "caisson config"],
    ["write a template for `.env`", "caisson config --env-example"],
    ["draw it", "caisson graph --format svg"],
    ["write it as files for Docker Compose", "caisson render compose --out deploy"],
    ["have the host keep it running: a unit of systemd", "caisson systemd"],
    ["stop it and keep the data", "caisson down"],
  ]);
}

/** Where a target is not named, `up` takes the one of the `up` before it, and at first a host. */
function firstTime({ resources }: ResolvedStack, alone: readonly Resource[]): Row[] {
  const names = alone.map(({ name }) => name).join(", ");
  return [
    ...(resources.some(({ program }) => program !== undefined)
      ? ([["before the first start: build the image of its programs", "caisson build"]] as const)
      : []),
    [`start it the first time: in containers, for a host has no ${names}`, "caisson up -d --wait --target docker"],
  ];
}

function inContainersAlone({ resources }: ResolvedStack): Resource[] {
  return resources.filter(
    ({ optional, process }) => !optional && process !== undefined && !isHostProduct(process.provider.product),
  );
}

function serviceTasks(service: Resource): Row[] {
  const { name, program } = service;
  // What is started, stopped and scaled: of a member in a container, its pod.
  const run = service.pod?.name ?? name;
  return [
    ["read a log", `caisson logs -n 100 ${name}`],
    // As processes, replicas share a port, which only programs built on the kit can.
    ...(program?.management === true ? ([["run two of it", `caisson scale ${run}=2`]] as const) : []),
    ["replace it without a gap", `caisson restart ${run}`],
    ["stop it for a while", `caisson stop ${run}`],
    ["start it again", `caisson start ${run}`],
    // A pod's own is its supervisor's.
    ...(service.pod ? [] : ([["see its configuration, secrets hidden", `caisson env ${name}`]] as const)),
  ];
}

/** How each port and each secret is given another value. */
export function changes(stack: ResolvedStack): string {
  const ports = stack.resources.flatMap((resource) =>
    reachable(resource, stack.environment).map(({ name, number }): readonly string[] => {
      const param = parameterOf(stack, number);
      const how = param === undefined ? "another `port` in the stack file, then" : "the parameter, here or in `.env`:";
      const up = `caisson up -d${profileFlag([resource])}`;
      const command = param === undefined ? up : `${up} --set ${param}=${number + 1}`;
      return [`${resource.name} ${name}`, String(number), how, code(command)];
    }),
  );
  const secrets = declaredSecrets(stack).map(({ name, source, usedBy }) => {
    const on = profileFlag(stack.resources.filter((each) => usedBy.includes(each.name)));
    return [
      code(name),
      usedBy.join(", "),
      source.from === "provided" ? "supplied" : "generated",
      code(
        source.from === "provided"
          ? `caisson secret set ${name} --from-file ${name}.txt${on}`
          : `caisson secret reset ${name} --yes${on}`,
      ),
    ];
  });
  return [
    table(["port", "number", "change", "with"], ports, "No port is reached from outside."),
    table(["secret", "used by", "is", "change with"], secrets, "There are no secrets."),
    `A new secret is taken over by \`caisson up -d\`, which restarts what uses it.`,
  ].join("\n\n");
}

/** What turns on at least one of them; nothing where one is always on. */
function profileFlag(resources: readonly Resource[]): string {
  const [profile] = resources.some(({ profiles }) => profiles.length === 0) ? [] : (resources[0]?.profiles ?? []);
  return profile === undefined ? "" : ` --profile ${profile}`;
}

/** The stack's own parameter that says a port's number, where one does. */
function parameterOf({ params }: ResolvedStack, number: number): string | undefined {
  const found = Object.entries(params).filter(([name, value]) => value === number && /port$/i.test(name));
  return found.length === 1 ? found[0]?.[0] : undefined;
}

/** By what people see, what to ask. */
export function troubles(stack: ResolvedStack): string {
  const service = serviceOf(stack) ?? first(stack, "component");
  const database = databaseOf(stack);
  const derived = (kind: string): Resource | undefined => stack.resources.find(({ derives }) => derives?.kind === kind);
  const [grafana, prometheus] = [derived("grafana"), derived("prometheus")];
  const named: Row[] = service
    ? [
        ["something is not ready, or was", `caisson why ${service.name}`],
        ["it restarts again and again", `caisson logs -n 200 ${service.name}`],
        [
          "it was killed for its memory (`why` says `out of memory`): raise its `limits.memory` in the stack file, then",
          "caisson up -d",
        ],
        ...(service.pod
          ? []
          : ([["it runs with another value than you gave", `caisson env ${service.name}`]] as const)),
      ]
    : [];
  return commandTable("symptom", [
    ...named,
    ["it does not start at all", "caisson doctor"],
    ["a page or a port does not answer", "caisson ps"],
    ["a port is taken (`E_PORT_TAKEN`): who has it", "caisson doctor"],
    ["an image is missing (`E_IMAGE`): which the engine has", "caisson images"],
    ...(grafana && prometheus
      ? ([
          [
            `${grafana.name} shows no data: does ${prometheus.name} run, which it asks`,
            `caisson why ${prometheus.name}`,
          ],
          [`${grafana.name} shows no data, and ${prometheus.name} runs`, `caisson logs -n 100 ${grafana.name}`],
        ] as const)
      : []),
    ...certificates(stack),
    ["the host was restarted, or `ps` says that the agent is gone", "caisson start"],
    ["an edit changed nothing", "caisson plan"],
    ["a login is refused, a secret is missing", "caisson secret list"],
    ["an alert says that something is down", "caisson health"],
    ["the disk is full, or nearly (`No space left on device`)", "caisson doctor"],
    ...(database
      ? ([
          [
            "the database is slow, or out of connections",
            `caisson sql ${database.name} -c 'select state, count(*) from pg_stat_activity group by 1'`,
          ],
          [
            "the disk fills up: how large the database is",
            `caisson sql ${database.name} -c 'select pg_size_pretty(pg_database_size(current_database()))'`,
          ],
        ] as const)
      : []),
  ]);
}

/** Of those that the stack makes itself: nothing tells a certificate that people supply from another secret. */
function certificates(stack: ResolvedStack): Row[] {
  const own = declaredSecrets(stack).some(({ source }) => source.from === "certificate");
  return own
    ? [
        [
          "a certificate of the stack's own is over, or near its end: it is made anew in its last 30 days by",
          "caisson up -d",
        ],
      ]
    : [];
}

function commandTable(head: string, rows: readonly Row[]): string {
  return table(
    [head, "command"],
    rows.map(([what, command]) => [what, code(command)]),
    "",
  );
}

function first({ resources }: ResolvedStack, kind: Resource["kind"]): Resource | undefined {
  return resources.find((each) => each.kind === kind && each.profiles.length === 0);
}

/** One that runs on its own, where there is one: it has the same name on every target. */
function serviceOf(stack: ResolvedStack): Resource | undefined {
  const alone = stack.resources.filter((each) => each.pod === undefined);
  return first({ ...stack, resources: alone }, "service") ?? first(stack, "service");
}

function databaseOf({ resources }: ResolvedStack): Resource | undefined {
  return resources.find(({ kind, ready }) => kind === "component" && ready?.kind === "postgres");
}
