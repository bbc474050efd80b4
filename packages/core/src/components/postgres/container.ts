import { healthCommand } from "../server.ts";
import type { PostgresImage } from "./image.ts";

/** What the container of any server of an image has, whether it is written to or follows another. */
export function serverContainer(image: PostgresImage, major: number) {
  return {
    image: { kind: "catalogue", name: image.part, line: String(major) },
    user: image.user,
    tmpfs: [{ path: "/var/run/postgresql" }],
    // 18 moved the image's volume; what is mounted at the old path is refused there.
    mounts: [
      { volume: "data", path: major >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data", ownedByImage: true },
    ],
    ports: { postgres: 5432 },
    // Over TCP: while the image sets up its data it answers on the socket only.
    health: healthCommand("pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"),
    shmBytes: 256 * 1024 ** 2,
  } as const;
}
