import { expect, test } from "vitest";
import { nodeArguments } from "./node-arguments.ts";

const MB = 1024 ** 2;

test.each([
  [undefined, []],
  [8 * MB, ["--max-semi-space-size=1"]],
  [512 * MB, ["--max-semi-space-size=32"]],
  [4096 * MB, ["--max-semi-space-size=64"]],
])("of a limit of %j bytes Node is told %j", (memory, wanted) => expect(nodeArguments(memory)).toEqual(wanted));
