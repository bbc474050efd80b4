import { flag, value, values } from "../verb.ts";
import { assignment, choice, duration, text } from "./value-types.ts";

/** Which stack and which environment of it; every verb that has to do with a stack takes these. */
export const stackFlags = {
  file: value(text("FILE"), "stack file, or a stack's name under stacks/ (default: stack.ts here or above)", "f"),
  env: value(text("NAME"), "environment of the stack (default: its first one)"),
} as const;

/** What the stack is made of; verbs that work the stack out take these. */
export const resolveFlags = {
  profile: values(text("NAME"), "turn a profile on; may be repeated"),
  set: values(assignment, "set a parameter; may be repeated"),
  "env-file": value(text("FILE"), "read parameters from FILE (default: .env beside the stack file)"),
} as const;

/** The two forms of an answer; `jsonl` is one item a line. */
export const formatFlag = {
  format: value(choice(["table", "json", "jsonl"]), "how to print the answer (default: table)"),
} as const;

/** Where the stack runs. */
export const targetFlag = {
  target: value(
    choice(["process", "docker"]),
    "run on this host, or on its Docker Engine (default: where it is, else process)",
  ),
} as const;

/** Answers every question with yes. */
export const yesFlag = {
  yes: flag("answer every question with yes", { short: "y" }),
} as const;

/** Whether to wait until all is ready, and how long. */
export const waitFlags = {
  wait: flag("return only when all is ready"),
  "wait-timeout": value(duration, "how long to wait (default: 5m)"),
} as const;

/** How long is waited where nothing is said: 5 minutes. */
export const defaultWaitMs = 300_000;

/** Flags that may also stand before the verb. There, and only there, `-f` is always --file. */
export const headFlags = {
  ...stackFlags,
  ...resolveFlags,
  format: value(text("FORMAT"), "how to print the answer"),
  ...yesFlag,
} as const;
