import { literal } from "./expression.ts";
import { containerFacet } from "./container-defaults.ts";
import type { ContainerFacet } from "./container.ts";
import type { Probe } from "./resource.ts";

/** Where the management listener of a kit program is in a container, on internal networks only; members of a pod have the next ones. */
export const managementPort = 9464;

/** The user of the images we build. */
const programUser = { uid: 1000, gid: 1000 } as const;

/** How a program of the stack runs in a container: the stack's own image, its probe asked by Node itself. */
export function programContainer(
  ready: Probe | undefined,
  httpPort: number | undefined,
  management = managementPort,
): ContainerFacet {
  const port = ready?.kind !== "http" ? undefined : ready.port === "management" ? management : httpPort;
  return containerFacet({
    image: { kind: "stack" },
    user: programUser,
    ports: { management },
    // Collects the children of programs that start some, and hands them the stop signal.
    init: true,
    ...(ready?.kind === "http" &&
      port !== undefined && {
        health: {
          argv: [literal("node"), literal("-e"), literal(askScript(`http://127.0.0.1:${port}${ready.path}`))],
          weak: false,
        },
      }),
  });
}

/** `$` and quotes stay out of it: it passes through files of several formats. */
function askScript(url: string): string {
  return `fetch('${url}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
}
