import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource } from "../../model/resource.ts";
import { code } from "./markdown.ts";
import { declaredSecrets } from "../../resolve/declared-secrets.ts";

/** What to look at before anybody depends on the stack: what it leaves open is named. */
export function checklist(stack: ResolvedStack): string {
  const { resources } = stack;
  const runs = resources.filter(({ kind }) => kind === "service" || kind === "component");
  const named = (of: readonly Resource[]): string => of.map(({ name }) => name).join(", ");
  const supplied = declaredSecrets(stack).filter(({ source }) => source.from === "provided");
  const plain = runs.filter(
    ({ ports }) => ports.some(isPublic) && !ports.some(({ name }) => name === "https" || name === "mqtts"),
  );
  const alone = runs.filter(
    ({ kind, replicas, ports }) => kind === "service" && replicas === 1 && ports.some(isPublic),
  );
  const unlimited = runs.filter(({ pod, resources: own }) => (pod?.resources ?? own).limits.memory === undefined);
  const kept = resources.filter(({ volumes }) => volumes.some(({ holds }) => holds === undefined));
  const tells = resources.some(({ derives }) => derives?.kind === "prometheus");
  const items = [
    "`caisson plan` warns of nothing: no part is past its end of life, nothing is left out.",
    supplied.length > 0 &&
      `Secrets that people supply are there: ${supplied.map(({ name }) => code(name)).join(", ")}.`,
    kept.length > 0 && `Backups are taken of ${named(kept)}, elsewhere than on this host, and a restore was tried.`,
    plain.length > 0 && `TLS is spoken in front of ${named(plain)}: their public ports are plain.`,
    alone.length > 0 && `A second replica, or a short gap at each restart, is fine for ${named(alone)}.`,
    unlimited.length > 0 && `Without a memory limit one may take the host from all others: ${named(unlimited)}.`,
    tells
      ? "Somebody gets the alerts: a test one was seen to arrive."
      : "Somebody watches it: no Prometheus is part of it.",
    "The host takes the stack up again after its own restart: the unit that `caisson systemd` prints is enabled.",
    "`caisson render compose --out deploy --check` or a note says how it was deployed.",
    "Who may run `caisson secret get NAME` may see every secret: the folder `.caisson` is theirs alone.",
  ];
  return items
    .filter((item) => item !== false)
    .map((item) => `- [ ] ${item}`)
    .join("\n");
}

function isPublic({ published }: Resource["ports"][number]): boolean {
  return published === "always";
}
