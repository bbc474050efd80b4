import type Dockerode from "dockerode";
import { pack } from "tar-stream";
import { label } from "./labels.ts";

/** A volume and the user it is to belong to. */
interface Given {
  readonly instance: string;
  readonly volume: string;
  /** Any that the engine has; nothing of it runs. */
  readonly image: string;
  readonly user: { readonly uid: number; readonly gid: number };
}

/**
 * Gives the folder of a new volume to a user: an engine makes it root's. The engine does it itself, unpacking an archive of
 * one folder into a container that is never started, for many images have no `chown` that could be run in them.
 */
export async function giveVolume(docker: Dockerode, { instance, volume, image, user }: Given): Promise<void> {
  const folder = "volume";
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: ["/nothing"],
    Labels: { [label.instance]: instance, [label.oneoff]: "True" },
    HostConfig: {
      NetworkMode: "none",
      Mounts: [{ Type: "volume", Source: volume, Target: `/${folder}`, VolumeOptions: noCopy }],
    },
  });
  try {
    const archive = pack();
    archive.entry({ name: `${folder}/`, type: "directory", mode: 0o700, ...user });
    archive.finalize();
    await container.putArchive(archive, { path: "/" });
  } finally {
    await container.remove({ force: true });
  }
}

/** The engine must not put the image's content into an empty volume: with it, the folder is the image's user's again. */
export const noCopy = { NoCopy: true, Labels: {}, DriverConfig: { Name: "local", Options: {} } };
