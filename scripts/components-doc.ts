// Writes docs/components.md: `npm run docs:components`.
import { writeFileSync } from "node:fs";
import { componentsDocument } from "./components-document.ts";

writeFileSync(new URL("../docs/components.md", import.meta.url), componentsDocument());
