import { imageReference, partNames, release } from "../../components/versions.ts";
import { CaissonError } from "../../errors/caisson-error.ts";
import type { ContainerImage } from "../../model/container.ts";

/** `$` is the sign of a variable in compose files. */
export function escapeDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** A duration as compose files write it, without a fraction where there is none. */
export function seconds(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** The image's reference, with its digest where the catalogue knows it. */
export function imageText(image: ContainerImage, stackImage: string): string {
  switch (image.kind) {
    case "stack":
      return stackImage;
    case "reference":
      return image.reference;
    case "catalogue": {
      const part = partNames.find((name) => name === image.name);
      if (part) return imageReference(release(part, image.line));
      throw new CaissonError("E_VALUE", `expected an image of the catalogue, got ${JSON.stringify(image.name)}`);
    }
  }
}

/** A word of the shell, whatever is in it. */
export function shellWord(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
