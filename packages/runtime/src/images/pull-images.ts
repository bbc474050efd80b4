import type Dockerode from "dockerode";
import { progress, type ProgressLine } from "../drivers/docker/progress.ts";
import { registryOf } from "./image-names.ts";
import { layersOf, type Layers } from "./layers.ts";

/** Who waits for images. */
export interface Fetching {
  /** Takes a sentence on how far it is. */
  readonly tell: (sentence: string) => void;
  /** Ends the waiting, and the pulls with it. */
  readonly signal: AbortSignal;
}

/**
 * How long registries may give nothing, and how often who waits is told. The silence is that of all pulls: the engine fetches
 * three layers at a time, so one that is quiet may wait for its turn behind another.
 */
const usual = { silenceMs: 60_000, tellEveryMs: 10_000 };

/**
 * Asks the engine for images, all at once: how much is fetched at a time is the engine's to say. Answers why those that did not
 * come did not, by image. Throws when `signal` aborts.
 */
export async function pullImages(
  docker: Dockerode,
  images: Iterable<string>,
  { tell, signal }: Fetching,
  { silenceMs, tellEveryMs } = usual,
): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  const going = new Map([...images].map((image) => [image, { layers: layersOf(), end: new AbortController() }]));
  const silence = setTimeout(() => {
    for (const { layers, end } of going.values()) if (!layers.allHere()) end.abort();
  }, silenceMs);
  const telling = setInterval(() => {
    for (const [image, { layers }] of going) tell(`pulling ${image}: ${layers.text()}`);
  }, tellEveryMs);
  const fetch = async (image: string, { layers, end }: { layers: Layers; end: AbortController }) => {
    tell(`pulling ${image}`);
    const line = (each: ProgressLine): void => {
      if (layers.add(each)) silence.refresh();
    };
    try {
      await pull(docker, image, AbortSignal.any([signal, end.signal]), line);
      tell(`pulled ${image}`);
    } catch (cause) {
      const why = end.signal.aborted ? `gave nothing for ${silenceMs / 1000} s` : `did not give it: ${words(cause)}`;
      failed.set(image, `${image}: its registry, ${registryOf(image)}, ${why}`);
    } finally {
      going.delete(image);
    }
  };
  try {
    await Promise.all([...going].map(([image, state]) => fetch(image, state)));
  } finally {
    clearTimeout(silence);
    clearInterval(telling);
  }
  signal.throwIfAborted();
  return failed;
}

async function pull(
  docker: Dockerode,
  image: string,
  abortSignal: AbortSignal,
  line: (line: ProgressLine) => void,
): Promise<void> {
  await progress(docker, await docker.pull(image, { abortSignal }), line);
}

/** The engine's, without how its library puts them. */
function words(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}
