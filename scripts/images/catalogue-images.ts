import { defineStack, redis, release, resolveStack, type PartName, type Resource } from "@caisson/core";
import { examples } from "../../packages/core/src/components/testing/examples.ts";

/** An official image, and what of the catalogue runs on it. */
export interface CatalogueImage {
  readonly name: string;
  readonly tag: string;
  readonly resources: readonly Resource[];
}

/**
 * One of each component; and a Redis that keeps what it is given, for the examples have a cache. Each on ports of its own:
 * they are one stack here.
 */
export const catalogue: readonly Resource[] = [...examples, redis("store", { role: "store" })].map(
  (resource, index) => ({
    ...resource,
    ports: resource.ports.map((port, place) =>
      port.number === 0 ? port : { ...port, number: 20_000 + index * 10 + place, fixed: false },
    ),
  }),
);

/** The images of all components, each once. */
export function catalogueImages(): readonly CatalogueImage[] {
  const images = new Map<string, CatalogueImage>();
  for (const resource of catalogue) {
    const image = resource.container?.image;
    if (image?.kind !== "catalogue") continue;
    // The name was taken from the catalogue's own component.
    const { image: name, tag } = release(image.name as PartName, image.line);
    const resources = [...(images.get(`${name}:${tag}`)?.resources ?? []), resource];
    images.set(`${name}:${tag}`, { name, tag, resources });
  }
  return [...images.values()];
}

/** What to leave out so that these can start with all they refer to and nothing else; and whether an image is to be built. */
export function besides(names: readonly string[]): { readonly without: readonly string[]; readonly builds: boolean } {
  const { resources, edges } = resolveStack(defineStack("catalogue", [...catalogue]));
  const kept = new Set(names);
  // A set is walked with what is added meanwhile.
  for (const name of kept)
    for (const { from, to, strength } of edges) if (from === name && strength !== "observes") kept.add(to);
  return {
    without: resources.filter(({ name }) => !kept.has(name)).map(({ name }) => name),
    builds: resources.some(({ name, container }) => kept.has(name) && container?.image.kind === "stack"),
  };
}
