import { imageReference, release } from "../../components/versions.ts";
import { isHostProduct } from "../../model/host-products.ts";
import type { ResolvedStack } from "../../model/resolved.ts";
import type { Resource, Volume } from "../../model/resource.ts";
import { code, table } from "./markdown.ts";

/** How a copy is taken and put back, as Markdown. */
interface Copy {
  readonly save: string;
  readonly restore: string;
}

interface Copies {
  readonly inContainers: Copy;
  readonly asProcesses: Copy;
}

/** Of what nothing else brings back, how a copy is taken of it where it runs; nothing where there is no such thing. */
export function backupsTable(stack: ResolvedStack): string {
  const rows = stack.resources.flatMap((resource) =>
    resource.volumes.flatMap((volume) => {
      if (volume.holds === "cache") return [];
      const of = `${resource.name} ${volume.name}`;
      const row = (where: string, { save, restore }: Copy): readonly string[] => [of, where, save, restore];
      const { inContainers, asProcesses } = copies(stack, resource, volume);
      const host = isHostProduct(resource.process?.provider.product ?? "");
      return [...(host ? [row("a host", asProcesses)] : []), row("containers", inContainers)];
    }),
  );
  const { name, environment } = stack;
  const folder = `.caisson/${name}/${environment}`;
  const secrets = `A volume that is copied as it is wants the secrets it was made with: keep ${code(`${folder}/secrets`)} with the copy, closed to others.`;
  const data = `${code("data")} of a host is in ${code(folder)}, as root in ${code("/var/lib/caisson/INSTANCE")}.`;
  return [
    "Caisson has no verb for backups yet: these commands use the stores' own tools. Try a restore before you need one.",
    // A shell opens the file before the command runs, by its umask.
    `A copy holds all that its store does: \`umask 077\` comes first, so that nobody else reads it. Give each its own name: a command that fails has emptied its file. Stop what writes before a restore.`,
    table(["of", "which runs on", "save", "restore"], rows, "Nothing here keeps data that is worth a copy."),
    `A tool on a host is of its server's version or newer. ${secrets} ${data}`,
  ].join("\n\n");
}

function copies(stack: ResolvedStack, resource: Resource, volume: Volume): Copies {
  const { component, provision } = resource;
  const database = provision.find((step) => step.kind === "postgres-database")?.database;
  if (component === "postgres" && database !== undefined) return ofPostgres(resource, database);
  if (component === "redis") return ofRedis(resource);
  return ofVolume(stack, resource, volume);
}

function ofPostgres({ name }: Resource, database: string): Copies {
  const of = wiring(name);
  const inside = 'PGPASSWORD="$(cat /run/secrets/superuser-password)"';
  const beside = `PGPASSWORD="$(cat "${of("PASSWORD_FILE")}")"`;
  const server = `-h "${of("HOST")}" -p "${of("PORT")}" -U "${of("USERNAME")}"`;
  const put = "pg_restore --clean --if-exists";
  return {
    asProcesses: {
      save: code(`caisson run -- sh -c '${beside} pg_dump ${server} -Fc "${of("DATABASE")}"' > ${name}.dump`),
      restore: code(`caisson run -- sh -c '${beside} ${put} ${server} -d "${of("DATABASE")}"' < ${name}.dump`),
    },
    inContainers: {
      save: code(`caisson exec ${name} -- sh -c '${inside} pg_dump -U postgres -Fc ${database}' > ${name}.dump`),
      restore: code(`caisson exec ${name} -- sh -c '${inside} ${put} -U postgres -d ${database}' < ${name}.dump`),
    },
  };
}

function ofRedis({ name }: Resource): Copies {
  const of = wiring(name);
  const inside = 'REDISCLI_AUTH="$(cat /run/secrets/password)" valkey-cli';
  const beside = `REDISCLI_AUTH="$(cat "${of("PASSWORD_FILE")}")" redis-cli -h "${of("HOST")}" -p "${of("PORT")}"`;
  const restore = "by a server that starts with this file and without an append-only one";
  return {
    asProcesses: { save: code(`caisson run -- sh -c '${beside} --rdb -' > ${name}.rdb`), restore },
    inContainers: { save: code(`caisson exec ${name} -- sh -c '${inside} --rdb -' > ${name}.rdb`), restore },
  };
}

/** Of what has no such tool: as it is, while nobody writes. */
function ofVolume({ name: stack, environment }: ResolvedStack, { name }: Resource, { name: volume }: Volume): Copies {
  const stopped = (what: string): string =>
    `${code(`caisson stop ${name}`)}, ${what}, ${code(`caisson start ${name}`)}`;
  const file = `${name}-${volume}.tar`;
  const folder = code(`data/${name}/${volume}`);
  const mount = `${stack}-${environment}_${name}-${volume}:/data`;
  const image = imageReference(release("busybox"));
  return {
    asProcesses: { save: stopped(`copy ${folder}`), restore: stopped(`put ${folder} back`) },
    inContainers: {
      save: stopped(code(`docker run --rm -v ${mount}:ro ${image} busybox tar -c -C /data . > ${file}`)),
      // Into an empty one: files of a later state beside those of the copy would be neither.
      restore: stopped(
        code(
          `test -s ${file} && docker run --rm -i -v ${mount} ${image} sh -c 'find /data -mindepth 1 -delete && busybox tar -x -C /data' < ${file}`,
        ),
      ),
    },
  };
}

/** What `caisson run --` calls what leads to a resource. */
function wiring(name: string): (part: string) => string {
  return (part) => `$${name.toUpperCase().replaceAll("-", "_")}_${part}`;
}
