import Dockerode from "dockerode";

/** The base of every image that tests use, built from Debian's packages where no registry answers. */
export const testImage = "caisson/debian:sid";

/** An engine for tests, or why there is none. */
export async function testEngine(): Promise<{ readonly docker: Dockerode; readonly missing: string }> {
  const docker = new Dockerode();
  try {
    await docker.ping();
  } catch {
    return { docker, missing: "no Docker Engine answers" };
  }
  const images = await docker.listImages({ filters: { reference: [testImage] } });
  return { docker, missing: images.length > 0 ? "" : `image not available: ${testImage}` };
}
