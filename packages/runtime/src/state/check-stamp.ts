import type { Problem } from "@caisson/core/run";
import type { Stamp } from "./stamp.ts";

/** What must hold of a data folder before a program is let near it. */
export interface StampExpectation {
  readonly instance: string;
  readonly component: string;
  readonly resource: string;
  /** Former name, where the stack says that the resource was renamed. */
  readonly renamedFrom?: string;
  readonly dataMajor: number;
  /** Versions we still hold of each secret the resource uses, by name; a lost one has an empty list. */
  readonly secretVersions: Readonly<Record<string, readonly string[]>>;
  /** `true`: data of another instance becomes ours. */
  readonly adopt: boolean;
}

/** Everything that forbids using the data in `folder`, each with what to do; empty = go on. Pure. */
export function checkStamp(folder: string, stamp: Stamp | undefined, expected: StampExpectation): Problem[] {
  const { resource } = expected;
  const problem = (code: Problem["code"], message: string): Problem => ({ code, path: resource, message });
  if (!stamp) {
    return [
      problem(
        "E_DATA_FOREIGN",
        `${folder} holds data without a stamp, so nobody knows whose it is; move it away or remove it`,
      ),
    ];
  }
  if (stamp.instance !== expected.instance && !expected.adopt) {
    const message = `${folder} belongs to another instance (${stamp.instance}, expected ${expected.instance}); move it away, or bring it up where it was made`;
    return [problem("E_DATA_FOREIGN", message)];
  }
  if (stamp.component !== expected.component) {
    return [
      problem("E_DATA_COMPONENT", `${folder} was made by ${stamp.component}, and ${resource} is ${expected.component}`),
    ];
  }
  return [
    ...checkName(folder, stamp, expected).map((message) => problem("E_DATA_COMPONENT", message)),
    ...checkMajor(folder, stamp, expected).map((message) => problem("E_DATA_MAJOR", message)),
    ...lostSecrets(stamp, expected).map((name) =>
      problem(
        "E_SECRET_LOST",
        `${folder} was made with a version of the secret ${name} that is not here any more; put it back, or run: caisson secret reset ${name}`,
      ),
    ),
  ];
}

function checkName(folder: string, stamp: Stamp, { resource, renamedFrom }: StampExpectation): string[] {
  if (stamp.resource === resource || stamp.resource === renamedFrom) return [];
  return [
    `${folder} is the data of ${stamp.resource}; if ${resource} is its new name, say renamedFrom: "${stamp.resource}"`,
  ];
}

function checkMajor(folder: string, stamp: Stamp, expected: StampExpectation): string[] {
  if (stamp.dataMajor === expected.dataMajor) return [];
  const { component, dataMajor } = expected;
  return [
    `${folder} was written by ${component} ${stamp.dataMajor}, which ${component} ${dataMajor} cannot read; keep version ${stamp.dataMajor}, or ` +
      `export the data while ${stamp.dataMajor} runs, then \`caisson down\`, move the folder away, change the version, and import it`,
  ];
}

/** A secret the stamp names and the stack no longer has is not lost: nobody asks for it. */
function lostSecrets(stamp: Stamp, { secretVersions }: StampExpectation): string[] {
  return Object.entries(stamp.secretVersions)
    .filter(([name, version]) => secretVersions[name] !== undefined && !secretVersions[name].includes(version))
    .map(([name]) => name);
}
