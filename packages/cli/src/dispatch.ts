import { asksForHelp, headOf, parseVerb, splitVerb } from "./args/parse.ts";
import { catalogue, findEntry } from "./catalogue.ts";
import type { Context } from "./context.ts";
import { usageError } from "./errors/command-error.ts";
import { overview } from "./help/overview.ts";

/** Runs one command line to its exit code. `onVerb` hears whether the verb answers Ctrl-C itself before it runs. */
export async function dispatch(
  argv: readonly string[],
  context: Context,
  onVerb: (handlesInterrupt: boolean) => void = () => {},
): Promise<number> {
  try {
    return await runVerb(argv, context, onVerb);
  } catch (error) {
    const { reportError } = await import("./errors/report.ts");
    return await reportError(error, context, wantsJson(argv, context));
  }
}

async function runVerb(
  argv: readonly string[],
  context: Context,
  onVerb: (handlesInterrupt: boolean) => void,
): Promise<number> {
  const { head, verb: name, args: after } = splitVerb(argv);
  if (name === undefined) return await withoutVerb(head, context);
  const entry = findEntry(name);
  if (entry === undefined)
    throw usageError(`caisson has no verb ${JSON.stringify(name)}`, {
      suggest: { word: name, among: catalogue.flatMap((each) => [each.name, ...(each.alias ? [each.alias] : [])]) },
      hint: "`caisson --help` lists the verbs.",
    });
  const verb = await entry.load();
  const args = [...headOf(verb, head), ...after];
  if (asksForHelp(args, verb)) {
    const { verbHelp } = await import("./help/verb-help.ts");
    context.stdout.write(verbHelp(verb));
    return 0;
  }
  const parsed = parseVerb(entry.name, verb, args, context.env);
  onVerb(verb.handlesInterrupt === true);
  return (await verb.run(context, parsed)) ?? 0;
}

async function withoutVerb(args: readonly string[], context: Context): Promise<number> {
  const known = new Set(["--help", "-h", "--version", "-v"]);
  const wrong = args.find((arg) => arg.startsWith("-") && !known.has(arg));
  if (wrong !== undefined)
    throw usageError(`no verb is given, only ${wrong}`, {
      hint: "The form is `caisson [-f FILE] [--env NAME] VERB ...`.",
    });
  if (args.includes("--version") || args.includes("-v")) {
    const { version } = await import("./verbs/version.ts");
    return (await version.run(context, { flags: { format: undefined }, words: [], rest: undefined })) ?? 0;
  }
  context.stdout.write(overview());
  return 0;
}

/** Errors are JSON when the answer would have been; looked up without parsing, which may be what failed. */
function wantsJson(argv: readonly string[], context: Context): boolean {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const at = own.indexOf("--format");
  const given = at >= 0 ? own[at + 1] : own.find((arg) => arg.startsWith("--format="))?.slice("--format=".length);
  return /^(json|jsonl)$/.test(given ?? context.env["CAISSON_FORMAT"] ?? "");
}
