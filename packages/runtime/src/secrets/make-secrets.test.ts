import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeSecrets, remakeSecret, type NamedSecret } from "./make-secrets.ts";
import { openSecrets, type SecretStore } from "./store.ts";

const day = 86_400_000;
const certificate: NamedSecret = {
  name: "broker-certificate",
  source: { from: "certificate", authority: "local-authority", names: ["broker"] },
};
const password: NamedSecret = { name: "password", source: { from: "generated", bytes: 32 } };
const mail: NamedSecret = { name: "mail", source: { from: "provided" } };

function store(): SecretStore {
  const folder = mkdtempSync(join(tmpdir(), "caisson-make-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return openSecrets(folder, { uid: process.getuid?.() ?? 0, now: Date.now });
}

test("makes each once, a certificate's authority too, and nothing that people supply", async () => {
  const secrets = store();
  await makeSecrets(secrets, [password, certificate, mail], Date.now);
  const first = secrets.everything();
  expect(first.map(({ name }) => name)).toEqual(["broker-certificate", "local-authority", "password"]);
  await makeSecrets(secrets, [password, certificate, mail], Date.now);
  expect(secrets.everything()).toEqual(first);
});

test("makes a certificate anew near its end, by the authority that clients know", async () => {
  const secrets = store();
  await makeSecrets(secrets, [certificate], Date.now);
  const before = secrets.get("broker-certificate");
  await makeSecrets(secrets, [certificate], () => Date.now() + 61 * day);
  expect(secrets.get("broker-certificate")?.version).not.toBe(before?.version);
  expect(secrets.list().map(({ name, versions }) => [name, versions.length])).toEqual([
    ["broker-certificate", 2],
    ["local-authority", 1],
  ]);
});

test("uses what people supplied in place of ours, and does not make that anew", async () => {
  const secrets = store();
  secrets.setProvided("broker-certificate", "-----BEGIN CERTIFICATE-----");
  await makeSecrets(secrets, [certificate], Date.now);
  expect(secrets.get("broker-certificate")?.source).toBe("provided");
  await expect(remakeSecret(secrets, certificate, Date.now)).rejects.toMatchObject({ code: "E_SECRET_VALUE" });
});

test("makes one anew when asked to", async () => {
  const secrets = store();
  await makeSecrets(secrets, [password, certificate], Date.now);
  for (const each of [password, certificate]) await remakeSecret(secrets, each, Date.now);
  expect(secrets.list().map(({ name, versions }) => [name, versions.length])).toEqual([
    ["broker-certificate", 2],
    ["local-authority", 1],
    ["password", 2],
  ]);
});
