import { release, type PartName } from "../components/versions.ts";
import type { Resource } from "../model/resource.ts";

/** One sentence for each image of the catalogue that nobody maintains any more on a day (`2026-11-26`, UTC). */
export function endOfLifeWarnings(resources: readonly Resource[], today: string): string[] {
  return resources.flatMap(({ name, container }) => {
    const image = container?.image;
    if (image?.kind !== "catalogue") return [];
    // The name was taken from the catalogue's own component.
    const { image: repository, tag, endOfLife } = release(image.name as PartName, image.line);
    if (endOfLife === undefined || endOfLife >= today) return [];
    return [`${name}: ${repository}:${tag} is past its end of life since ${endOfLife}; nobody mends it any more`];
  });
}
