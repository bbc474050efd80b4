import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { examples } from "../../packages/core/src/components/testing/examples.ts";
import { follow } from "../../packages/core/src/resolve/follow.ts";
import { materialise } from "../../packages/runtime/src/secrets/materialise.ts";
import { freePort } from "../../packages/runtime/src/supervisor/testing/real-postgres.ts";

/** Writes the files of the catalogue's examples as a process gets them: `folder/component/file`, with secrets made up. */
export async function deliver(folder: string): Promise<void> {
  const byName = new Map(examples.map((each) => [each.name, each]));
  const ports = new Map<string, number>();
  for (const { name, ports: own } of examples)
    for (const port of own) ports.set(`${name} ${port.name}`, await freePort());
  const place = (name: string): string => join(folder, byName.get(name)?.component ?? name);
  for (const { component, files, volumes } of examples) {
    for (const { name } of volumes) mkdirSync(join(folder, component, `volume-${name}`), { recursive: true });
    for (const { name, content, mode } of files) {
      const followed = follow(content, byName);
      const text =
        followed &&
        materialise(followed, {
          secret: (secret) => ({ value: `${secret}-0123456789abcdef`, salt: "c2FsdA" }),
          address: ({ resource, part, port }) =>
            part === "port" ? String(ports.get(`${resource} ${port}`) ?? 9) : "127.0.0.1",
          path: ({ of, resource, name: to }) =>
            of === "file" ? join(place(resource), to) : of === "volume" ? join(place(resource), `volume-${to}`) : to,
        });
      if (text === undefined) throw new Error(`${component}/${name} has no text`);
      mkdirSync(join(folder, component), { recursive: true });
      writeFileSync(join(folder, component, name), text, { mode });
    }
  }
}
