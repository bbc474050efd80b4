// Tries the official images of the catalogue: `npm run test:images`. Says of each whether it ran; fails when one failed.
import Docker from "dockerode";
import { catalogueStack } from "./images/caisson.ts";
import { tryImages } from "./images/try-images.ts";
import { repositoryOf } from "./versions/registry.ts";

const docker = new Docker();

async function pull(reference: string): Promise<void> {
  const stream = await docker.pull(reference);
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
  );
}

const withoutEngine = (): Promise<string> =>
  docker.ping().then(
    () => "",
    () => "no Docker Engine answers",
  );

const counts = { ran: 0, skipped: 0, failed: 0 };
{
  using stack = await catalogueStack();
  const { caisson } = stack;
  for await (const { image, outcome, detail } of tryImages({ locate: repositoryOf, withoutEngine, pull, caisson })) {
    counts[outcome] += 1;
    console.log(`${image}: ${outcome}: ${detail}`);
  }
}
console.log(`${counts.ran} ran, ${counts.skipped} skipped, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
