import { walk, type Expression } from "@caisson/core/run";
import type { Driver } from "../drivers/driver.ts";
import type { Engine } from "../engine/engine.ts";
import { identityOf } from "../planning/identity.ts";
import { makeSecrets, type NamedSecret } from "../secrets/make-secrets.ts";
import type { SecretStore } from "../secrets/store.ts";
import type { Evaluator } from "./evaluate.ts";
import type { Files } from "./files.ts";
import type { RecordStore } from "./record-store.ts";
import type { GenerationRecord } from "./records.ts";

/** Makes certificates of the stack's own anew before they end, and has whoever shows one read it again. */
export interface Renewals {
  /**
   * Looks now. Before an `up` too: its readers read again what is renewed here, where otherwise they would be started anew.
   */
  look(): Promise<void>;
  close(): void;
}

/** What renewals act on. */
export interface RenewalWorld {
  readonly records: Pick<RecordStore, "names" | "status" | "generation" | "amend">;
  readonly engine: Pick<Engine, "units" | "generation" | "runOf">;
  readonly driver: Pick<Driver, "signal">;
  readonly files: Pick<Files, "deliver">;
  readonly inContainers: boolean;
  readonly evaluator: Pick<Evaluator, "identity">;
  readonly secrets: SecretStore;
  /** Epoch ms. */
  readonly now: () => number;
  readonly restart: (name: string) => void;
  readonly tell: (message: string) => void;
}

/** A certificate is renewed 30 days before its end: there is no hurry. */
const everyMs = 3_600_000;

export function renewals(world: RenewalWorld): Renewals {
  const { records, engine, secrets } = world;
  const readers = (): GenerationRecord[] =>
    records
      .names()
      .flatMap((name) => records.generation(name, engine.generation(name) ?? records.status(name).generation) ?? []);

  const lookOnce = async (): Promise<void> => {
    const reading = readers().map((record) => ({ record, certificates: certificatesOf(record) }));
    const all = new Map(reading.flatMap(({ certificates }) => certificates.map((each) => [each.name, each])));
    const before = new Map([...all.keys()].map((name) => [name, secrets.get(name)?.version]));
    await makeSecrets(secrets, [...all.values()], world.now);
    for (const { record, certificates } of reading) {
      const renewed = certificates.filter(({ name }) => secrets.get(name)?.version !== before.get(name));
      if (renewed.length > 0) await readAgain(record, renewed.map(({ name }) => name).join(", "));
    }
  };
  const readAgain = async (record: GenerationRecord, renewed: string): Promise<void> => {
    const { resource, launch, identity, binding } = record;
    const { name, reload } = resource;
    // What is planned next finds nothing to do.
    const text = (value: Expression): string => world.evaluator.identity(value, record);
    records.amend({ ...record, identity: identityOf(resource, launch, identity.program, binding, text) });
    const runs = engine
      .units()
      .flatMap((unit) =>
        unit.resource === name && unit.generation === record.generation ? (engine.runOf(unit) ?? []) : [],
      );
    if (runs.length === 0) return;
    world.tell(`${name} ${reload ? "reads" : "restarts for"} ${renewed}, renewed before its end`);
    if (!reload) return world.restart(name);
    await world.files.deliver(record, { inPlace: world.inContainers });
    for (const run of runs) await world.driver.signal(run, reload);
  };

  let last: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    const next = last.then(lookOnce);
    // The next look does not fail for this one's reason.
    last = next.catch(() => {});
    return next;
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => world.tell(`certificates could not be looked at: ${String(error)}`));
  }, everyMs);
  return { look, close: () => clearInterval(timer) };
}

function certificatesOf({ launch }: GenerationRecord): NamedSecret[] {
  const found = launch.files.flatMap(({ content }) => [...walk(content)].filter(isCertificate));
  return [...new Map(found.map((each) => [each.name, each])).values()];
}

function isCertificate(part: Expression): part is Extract<Expression, { kind: "secret" }> {
  return part.kind === "secret" && part.source.from === "certificate";
}
