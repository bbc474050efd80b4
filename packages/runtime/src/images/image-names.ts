import type Dockerode from "dockerode";

/** The names an engine may have an image under: one that was pulled by its digest has no tag. */
export function imageNames(reference: string): readonly string[] {
  return [reference, withoutDigest(reference), reference.replace(/:[^:/@]*@/, "@")];
}

/** `name:tag` of `name:tag@digest`: an image that was loaded, not pulled, has no digest. */
export function withoutDigest(reference: string): string {
  return reference.replace(/@.*$/, "");
}

/** The names of all images of an engine. */
export async function namesIn(docker: Dockerode): Promise<Set<string>> {
  const images = await docker.listImages();
  return new Set(images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]));
}

/** Whether an image is among the names of an engine's. */
export function has(images: ReadonlySet<string>, reference: string): boolean {
  return imageNames(reference).some((name) => images.has(name));
}

/** The registry that a reference names; what names none is of Docker Hub. */
export function registryOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}
