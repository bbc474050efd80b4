import { openSecrets } from "../store.ts";

// argv: folder, name, `generate` or a value. Prints the version it ended up with.
const [folder = "", name = "", what = ""] = process.argv.slice(2);
const store = openSecrets(folder, { uid: process.getuid?.() ?? 0, now: Date.now });
const made = what === "generate" ? store.ensureGenerated(name, { bytes: 32 }) : store.setProvided(name, what);
process.stdout.write(made.version);
