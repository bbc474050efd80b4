import { createReadStream, createWriteStream, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CaissonError } from "@caisson/core/run";
import { engine } from "../drivers/docker/engine.ts";
import { progress } from "../drivers/docker/progress.ts";
import { withoutDigest } from "./image-names.ts";

/** Writes images of the engine into one archive, for an engine that no registry answers. The file is there whole or not. */
export async function saveImages(references: readonly string[], file: string): Promise<void> {
  const docker = await engine();
  const names = references.map(withoutDigest);
  const part = `${file}.part`;
  try {
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
      docker.modem.dial(
        { path: "/images/get?", options: { names }, method: "GET", isStream: true, statusCodes: { 200: true } },
        (error, found) => (error instanceof Error ? reject(error) : resolve(found as NodeJS.ReadableStream)),
      ),
    );
    await pipeline(stream, createWriteStream(part));
    renameSync(part, file);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new CaissonError("E_IMAGE", `the images could not be written to ${file}: ${said(cause)}`, { cause });
  }
}

/** Reads such an archive, or one of `docker save`, into the engine. Names of what it has now. */
export async function loadImages(file: string): Promise<readonly string[]> {
  const docker = await engine();
  try {
    const stream = await docker.loadImage(createReadStream(file), { quiet: true });
    const lines = await progress(docker, stream);
    return lines.flatMap(({ stream: text = "" }) => /^Loaded image(?: ID)?: (.*)$/m.exec(text)?.[1] ?? []);
  } catch (cause) {
    throw new CaissonError("E_IMAGE", `${file} could not be loaded: ${said(cause)}`, { cause });
  }
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
