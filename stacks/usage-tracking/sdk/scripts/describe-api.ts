import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { send, type TestStack } from "../../testing/stack.ts";

/** The types of what running services say of themselves, as the text of `src/api-types.ts`. */
export async function describeApi({ gateway, queries }: Pick<TestStack, "gateway" | "queries">): Promise<string> {
  const [first, second] = await Promise.all([gateway.url, queries.url].map(readDescription));
  const types = await openapiTS({ ...first, paths: { ...first?.paths, ...second?.paths } } as OpenAPI3, {
    // A parameter with a default may be left out.
    defaultNonNullable: false,
  });
  return `// Made from the services' own OpenAPI by \`npm run sdk:types\`; not to be edited.\n${astToString(types)}`;
}

async function readDescription(url: string): Promise<OpenAPI3> {
  // It is an OpenAPI document: the library reads it, and says where it is none.
  return (await send("GET", `${url}/openapi.json`)).body as OpenAPI3;
}
