import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { layout, type Layout } from "../state/layout.ts";
import type { Project } from "./project.ts";

/** Where a project's state and socket are, for this user on this host. */
export function projectLayout({ root, stack, environment }: Project): Layout {
  return layout({
    root: realpathSync(root),
    stack,
    environment,
    uid: process.getuid?.() ?? 0,
    env: process.env,
    tmpdir: tmpdir(),
  });
}
