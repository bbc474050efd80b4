import { httpProblem, type Guard } from "@caisson/kit";
import { presentedKey, type Authenticate } from "./authenticate.ts";
import type { Credential, KeyScope } from "./key-cache.ts";

/**
 * The guard of every route of a tenant: an API key with `scope`, in `X-API-Key` or as a bearer token. The tenant comes
 * from it alone.
 */
export function keyGuard(scope: KeyScope, authenticate: Authenticate): Guard<Credential> {
  return {
    name: "api-key",
    scheme: { type: "apiKey", in: "header", name: "x-api-key" },
    check: async (request) => {
      const presented = presentedKey(request.headers);
      const credential = presented === undefined ? undefined : await authenticate(presented);
      if (credential?.scopes.includes(scope) === true) return credential;
      if (credential) {
        const got = credential.scopes.join(" and ");
        throw httpProblem("forbidden", `expected a key with the scope ${scope}, got one for ${got}`);
      }
      throw httpProblem("unauthenticated", "expected an API key in X-API-Key or as a bearer token", {
        headers: { "www-authenticate": "Bearer" },
      });
    },
  };
}
