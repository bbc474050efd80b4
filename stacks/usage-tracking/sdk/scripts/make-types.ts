import { writeFileSync } from "node:fs";
import { startStack } from "../../testing/stack.ts";
import { describeApi } from "./describe-api.ts";

await using stack = await startStack([]);
writeFileSync(new URL("../src/api-types.ts", import.meta.url), await describeApi(stack));
