import Docker from "dockerode";

/** Why a test that makes containers of these images cannot run here; empty: it can. */
export async function withoutImages(...images: readonly string[]): Promise<string> {
  const found = await new Docker().listImages().catch(() => undefined);
  if (!found) return "no Docker Engine answers";
  const there = new Set(found.flatMap(({ RepoTags }) => RepoTags ?? []));
  const lacking = images.filter((image) => !there.has(image));
  return lacking.length > 0 ? `image not available: ${lacking.join(", ")}` : "";
}
