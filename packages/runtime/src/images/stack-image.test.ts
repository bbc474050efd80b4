import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineStack, nginx, pod, resolveStack, type ResolvedStack } from "@caisson/core";
import { expect, onTestFinished, test } from "vitest";
import { stackImage } from "./stack-image.ts";
import { writeContext } from "./write-context.ts";

const front = nginx("front", { routes: {} });
const beside = resolveStack(defineStack("shop", [front]));
const inPod = resolveStack(defineStack("shop", [pod("core", [front])]));

/** The Dockerfile that a stack's image is built from. */
function dockerfile(stack: ResolvedStack): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "caisson-context-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeContext(stack, folder, folder);
  return readFileSync(join(folder, "Dockerfile"), "utf8").trim().split("\n");
}

test("has the program of a component that is in a pod, of that one's image, and runs it once", () => {
  expect(dockerfile(beside)).toEqual([
    "FROM node:24.21.0-trixie-slim",
    "COPY app /app",
    "WORKDIR /app",
    "USER 1000:1000",
  ]);
  expect(dockerfile(inPod)).toEqual([
    "FROM node:24.21.0-trixie-slim",
    "COPY --from=nginx:1.30.4-trixie /usr/sbin/nginx /usr/sbin/nginx",
    'RUN ["/usr/sbin/nginx","-v"]',
    "COPY app /app",
    "WORKDIR /app",
    "USER 1000:1000",
  ]);
});

test("is another one where that image is", () => {
  const reference = ({ name, resources }: ResolvedStack, image?: string): string =>
    stackImage(
      {
        name,
        resources: resources.map((each) =>
          each.container && image !== undefined
            ? { ...each, container: { ...each.container, image: { kind: "reference", reference: image } } }
            : each,
        ),
      },
      {},
    ).reference;
  const names = [reference(beside), reference(inPod), reference(inPod, "nginx:1.32.0-trixie")];
  expect(new Set(names).size).toBe(3);
  expect(reference(beside, "nginx:1.32.0-trixie")).toBe(names[0]);
});
