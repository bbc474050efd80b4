import { digestOf, RegistryError, type Repository } from "../versions/registry.ts";
import { besides, catalogueImages, type CatalogueImage } from "./catalogue-images.ts";
import { roundTrips, type Access } from "./round-trips.ts";

/** What trying images needs of the machine. */
export interface Machine {
  readonly locate: (image: string) => Repository;
  /** Why no engine can be had; empty: one answers. */
  readonly withoutEngine: () => Promise<string>;
  /** Fetches an image from its registry, also where another has its name. */
  readonly pull: (reference: string) => Promise<void>;
  /** A command of `caisson` on the stack of all components; throws with what it said where it failed. */
  readonly caisson: (...args: readonly string[]) => Promise<string>;
}

/** What came of an image. */
export interface Tried {
  readonly image: string;
  readonly outcome: "ran" | "skipped" | "failed";
  readonly detail: string;
}

/**
 * Runs each official image of the catalogue: its components start with their generated files and answer their probes, and
 * what is written into a store is there after a restart. What cannot be had is skipped, with the reason.
 */
export async function* tryImages(machine: Machine, images = catalogueImages()): AsyncGenerator<Tried> {
  const unreachable = new Map<string, string>();
  const engine = await machine.withoutEngine();
  for (const image of images) {
    const reference = `${image.name}:${image.tag}`;
    const missing = (await notInRegistry(machine, image, unreachable)) || engine;
    if (missing !== "") yield { image: reference, outcome: "skipped", detail: missing };
    else
      try {
        yield { image: reference, outcome: "ran", detail: await run(machine, image, reference) };
      } catch (error) {
        yield { image: reference, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
      }
  }
}

/** Why the registry does not give an image; one that cannot be reached is asked once. */
async function notInRegistry(
  { locate }: Machine,
  { name, tag }: CatalogueImage,
  unreachable: Map<string, string>,
): Promise<string> {
  const repository = locate(name);
  const known = unreachable.get(repository.origin);
  if (known !== undefined) return known;
  try {
    await digestOf(repository, tag);
    return "";
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    if (error.unreachable) unreachable.set(repository.origin, error.message);
    return error.message;
  }
}

async function run(machine: Machine, { resources }: CatalogueImage, reference: string): Promise<string> {
  await machine.pull(reference);
  const names = resources.map(({ name }) => name);
  try {
    const { without, builds } = besides(names);
    if (builds) await machine.caisson("build");
    await machine.caisson("up", "--target", "docker", "--wait", ...without.flatMap((name) => ["--without", name]));
    const said = [`${names.join(", ")} ready with the files generated for it`];
    for (const { name } of resources) {
      const trip = roundTrips[name];
      if (!trip) continue;
      const access = accessTo(machine, name);
      await trip.write(access);
      await machine.caisson("restart", "--wait", name);
      const found = await trip.read(access);
      if (!found.includes("kept"))
        throw new Error(`expected what was written to ${name} after its restart, got ${JSON.stringify(found)}`);
      said.push(`${name} kept what was written over a restart`);
    }
    return said.join("; ");
  } finally {
    await machine.caisson("down", "-v", "--yes");
  }
}

interface Shown {
  readonly resources: readonly { readonly name: string; readonly addresses: Readonly<Record<string, string>> }[];
}

function accessTo({ caisson }: Machine, name: string): Access {
  return {
    exec: (...argv) => caisson("exec", name, "--", ...argv),
    secret: async (secret) => (await caisson("secret", "get", secret, "--yes")).trim(),
    address: async (port) => {
      const { resources } = JSON.parse(await caisson("ps", "--format", "json")) as Shown;
      const address = resources.find((each) => each.name === name)?.addresses[port];
      if (address === undefined) throw new Error(`${name} has no address for its port ${port}`);
      return address;
    },
  };
}
