import Dockerode from "dockerode";
import type { ContainerRun } from "../../driver.ts";
import { label } from "../labels.ts";

/** The base of every image that tests use, built from Debian's packages where no registry answers. */
const testImage = "caisson/debian:sid";

/** An engine for tests, or why there is none. */
export async function testEngine(): Promise<{ readonly docker: Dockerode; readonly missing: string }> {
  const docker = new Dockerode();
  try {
    await docker.ping();
  } catch {
    return { docker, missing: "no Docker Engine answers" };
  }
  const images = await docker.listImages({ filters: { reference: [testImage] } });
  return { docker, missing: images.length > 0 ? "" : `image not available: ${testImage}` };
}

/** A container that may do little, of a test's own instance. */
export function testContainer(name: string): ContainerRun {
  return {
    name,
    image: testImage,
    user: "1000:1000",
    readOnlyRoot: true,
    tmpfs: {},
    capAdd: [],
    init: true,
    ulimits: {},
    mounts: [],
    networks: [],
    ports: [],
    stopSignal: "SIGTERM",
    stopGraceMs: 10_000,
    labels: { [label.instance]: name },
    log: { maxBytes: 1_000_000, files: 1 },
  };
}
