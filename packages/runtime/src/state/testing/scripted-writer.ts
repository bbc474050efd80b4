import { writeSync } from "node:fs";
import { crashAt } from "../crash-at.ts";
import { openState } from "../store.ts";
import { migrations, script } from "./script.ts";

// argv: file, scratch folder, k (0 = never crash), number of migrations. Says "done i" when step i has returned.
const [file = "", scratch = "", k = "0", steps = "0"] = process.argv.slice(2);
const options = { scratch, migrations: migrations.slice(0, Number(steps)) };
const state = openState(file, Number(k) > 0 ? { ...options, crashPoint: crashAt(Number(k)) } : options);
script.forEach((step, index) => {
  step(state);
  writeSync(1, `done ${index + 1}\n`);
});
state.close();
