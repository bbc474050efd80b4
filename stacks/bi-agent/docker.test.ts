import { createHash } from "node:crypto";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { dockerStack, withoutEngine, withoutImage, type DockerStack } from "../testing/docker-stack.ts";

const missing = (await withoutEngine()) || (await withoutImage("seaweedfs"));

test.skipIf(missing !== "")(
  `a service's key reaches its buckets as it may, and no other; nothing else of the store answers${missing && ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  async () => {
    await using stack = await dockerStack("bi-agent");
    await stack.run("up", "--wait", "--target", "docker", "minio-buckets");
    const api = client(stack, "analytics-api", await stack.secret("minio-analytics-api"));
    const ml = client(stack, "ml-service", await stack.secret("minio-ml-service"));

    expect(await ml("models/kept", "42")).toBe("200");
    expect(await ml("models/kept")).toBe("42 200");
    expect(await api("datasets/kept", "43")).toBe("200");
    expect(await ml("datasets/kept")).toBe("43 200");
    expect(await api("logs/kept", "44")).toBe("200");

    // What it may read only, what it may write only, and what is another's.
    for (const refused of [
      ml("datasets/kept", "0"),
      api("logs/kept"),
      ml("logs/kept"),
      ml("logs/kept", "0"),
      api("models/kept"),
      api("models/kept", "0"),
    ])
      expect(await refused).toMatch(/403$/);
    for (const secret of ["", "wrong", await stack.secret("minio-worker")])
      expect(await client(stack, "ml-service", secret)("models/kept")).toMatch(/403$/);
    expect(await ml("models/kept")).toBe("42 200");

    // Master, volumes and filer know no keys.
    const container = (await stack.containers()).get("minio") ?? "";
    const { NetworkSettings } = await new Docker().getContainer(container).inspect();
    const [network] = Object.values(NetworkSettings.Networks);
    expect((await fetch(`http://${network?.IPAddress}:8333/healthz`)).status).toBe(200);
    for (const port of [8080, 8888, 9333, 18080, 18888, 19333])
      await expect(fetch(`http://${network?.IPAddress}:${port}/`)).rejects.toMatchObject({
        cause: { code: "ECONNREFUSED" },
      });
  },
);

/** Asks the store as a user: what is there and the status, or the status of writing `text`. */
function client(stack: DockerStack, user: string, secret: string) {
  const signed = secret === "" ? [] : ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${user}:${secret}`];
  return (object: string, text?: string): Promise<string> => {
    // A body's hash, because curl 7 tells none and the store takes no body without.
    const hash = `x-amz-content-sha256: ${createHash("sha256")
      .update(text ?? "")
      .digest("hex")}`;
    const what =
      text === undefined
        ? ["-w", " %{http_code}"]
        : ["-w", "%{http_code}", "-X", "PUT", "-H", hash, "--data-binary", text];
    return stack.run("exec", "minio", "--", "curl", "-s", ...signed, ...what, `http://127.0.0.1:8333/${object}`);
  };
}
