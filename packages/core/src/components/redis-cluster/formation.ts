import { containerFacet } from "../../model/container-defaults.ts";
import { texts, type Expression } from "../../model/expression.ts";
import { processFacet } from "../../model/process-defaults.ts";
import { baseResource, defaultRestart } from "../../model/resource-defaults.ts";
import type { Resource } from "../../model/resource.ts";
import { self } from "../self.ts";
import { formScript } from "./scripts.ts";

/** The job that forms a cluster, with the server's own tool: a formed one is left as it is, a half-formed one is finished. */
export function redisClusterFormation(name: string, nodes: readonly string[], password: Expression): Resource {
  const job = `${name}-formation`;
  const { path } = self(job);
  return {
    ...baseResource("job", "redis-cluster", job),
    process: processFacet("redis-cluster", 9),
    container: containerFacet({
      image: { kind: "catalogue", name: "valkey" },
      entrypoint: texts("sh"),
      command: [path("file", "form.sh")],
      user: { uid: 999, gid: 999 },
    }),
    files: [
      { name: "password", content: password, mode: 0o600 },
      { name: "form.sh", content: formScript(path("file", "password"), nodes), mode: 0o600 },
    ],
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: 3 },
  };
}
