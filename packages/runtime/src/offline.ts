/** A project's state, secrets and data, without its agent. Loads what the agent itself is made of. */
export { openOffline, type Offline } from "./client/offline.ts";
export { exportSecrets } from "./client/export-secrets.ts";
export { certificatesOf } from "./secrets/encode.ts";
export { openSecrets, resetSecret, type ProjectSecrets } from "./client/secrets.ts";
export { tryBind } from "./ports/bind-check.ts";
export { volumesOf } from "./client/volumes-of.ts";
export { materialise } from "./secrets/materialise.ts";
