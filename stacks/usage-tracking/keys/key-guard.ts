import { httpProblem, type Guard } from "@caisson/kit";
import { presentedKey, type Authenticate } from "./authenticate.ts";
import type { Credential } from "./key-cache.ts";

/** The guard of every route of a tenant: an API key, in `X-API-Key` or as a bearer token. The tenant comes from it alone. */
export function keyGuard(authenticate: Authenticate): Guard<Credential> {
  return {
    name: "api-key",
    scheme: { type: "apiKey", in: "header", name: "x-api-key" },
    check: async (request) => {
      const presented = presentedKey(request.headers);
      const credential = presented === undefined ? undefined : await authenticate(presented);
      if (credential) return credential;
      throw httpProblem("unauthenticated", "expected an API key in X-API-Key or as a bearer token", {
        headers: { "www-authenticate": "Bearer" },
      });
    },
  };
}
