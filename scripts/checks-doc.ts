// Writes docs/checks.md: `npm run docs:checks`.
import { writeFileSync } from "node:fs";
import { checksDocument } from "./checks-document.ts";

writeFileSync(new URL("../docs/checks.md", import.meta.url), checksDocument());
