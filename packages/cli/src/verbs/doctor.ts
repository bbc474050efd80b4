import { formatFlag, stackFlags } from "../args/common-flags.ts";
import { defineVerb, type Arguments } from "../verb.ts";

const flags = { ...stackFlags, ...formatFlag } as const;

/** What `doctor` was given. */
export type DoctorArguments = Arguments<typeof flags>;

/** `caisson doctor`. */
export const doctor = defineVerb({
  usage: ["doctor [--format json]"],
  about: `Checks what a stack needs of this machine, and the stack that is found here: Node, programs of the stores, memory
and disk, limits, folders and sockets, ports, secrets. Each finding says what to do. Exit code 1 only where a check
failed; warnings do not count.`,
  flags,
  run: async (context, args) => (await import("../doctor/run-doctor.ts")).runDoctor(context, args),
});
