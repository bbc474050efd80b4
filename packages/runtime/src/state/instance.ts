import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { CaissonError } from "@caisson/core/run";
import { replaceFile } from "../host/atomic-file.ts";
import type { Layout } from "./layout.ts";
import type { State } from "./store.ts";

/** Whose an instance is; kept beside the state and (as root) beside the data, in `instance.json`. */
export interface InstanceOwner {
  /** The stack's folder, absolute. */
  readonly root: string;
  readonly stack: string;
  readonly environment: string;
}

/** `found`: the state had lost its id, but a file beside it or beside the data still knew it. */
export interface Instance {
  readonly id: string;
  readonly origin: "state" | "found" | "made";
}

/**
 * The id that labels everything of this stack and environment: 128 random bits, made with the state. A lost state
 * must not make a second one beside data that carries the first. Throws E_INSTANCE_COPIED where the folder is a copy
 * of one that still exists: both would run on the same data.
 */
export function openInstance(state: State, layout: Layout, owner: InstanceOwner): Instance {
  const beside = readInstance(layout.stateFolder);
  if (beside) refuseCopy(layout, owner, beside);
  const recorded = state.get<string>("instance");
  const known = recorded ?? beside?.instance ?? findInstance(layout, owner);
  const id = known ?? randomBytes(16).toString("hex");
  state.set("instance", id);
  writeInstance(layout.stateFolder, id, owner);
  return { id, origin: recorded !== undefined ? "state" : known !== undefined ? "found" : "made" };
}

/** Leaves the owner's name beside the data, where a lost state finds it again. Throws what the file system throws. */
export function writeInstance(folder: string, instance: string, owner: InstanceOwner): void {
  const { root, stack, environment } = owner;
  const text = `${JSON.stringify({ instance, root, stack, environment })}\n`;
  const file = join(folder, fileName);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) replaceFile(file, text, 0o600);
}

const fileName = "instance.json";

type InstanceFile = InstanceOwner & { readonly instance: string };

function findInstance(layout: Layout, owner: InstanceOwner): string | undefined {
  const { instancesFolder } = layout;
  if (instancesFolder === undefined || !existsSync(instancesFolder)) return undefined;
  for (const name of readdirSync(instancesFolder).sort()) {
    const file = readInstance(join(instancesFolder, name));
    if (
      file?.instance === name &&
      file.root === owner.root &&
      file.stack === owner.stack &&
      file.environment === owner.environment
    ) {
      return file.instance;
    }
  }
  return undefined;
}

function refuseCopy(layout: Layout, owner: InstanceOwner, beside: InstanceFile): void {
  if (beside.root === owner.root) return;
  const original = join(beside.root, relative(owner.root, layout.stateFolder));
  if (readInstance(original)?.instance !== beside.instance || sameFolder(original, layout.stateFolder)) return; // moved
  throw new CaissonError(
    "E_INSTANCE_COPIED",
    `${layout.stateFolder} is a copy of ${original}, which still exists; both would use the same data`,
    { hint: `Remove ${layout.stateFolder} from the copy; the next \`caisson up\` makes an instance of its own.` },
  );
}

/** A bind mount shows one folder under two paths. */
function sameFolder(a: string, b: string): boolean {
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.ino === other.ino && one.dev === other.dev;
}

export function readInstance(folder: string): InstanceFile | undefined {
  try {
    const { instance, root, stack, environment } = JSON.parse(readFileSync(join(folder, fileName), "utf8"));
    const all = [instance, root, stack, environment];
    return all.every((each) => typeof each === "string") && /^[0-9a-f]{32}$/.test(instance)
      ? { instance, root, stack, environment }
      : undefined;
  } catch {
    return undefined; // absent, unreadable or not ours: it names nobody
  }
}
