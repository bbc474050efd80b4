/** A repository in a registry: `docker.io` + `library/postgres`. */
export interface Repository {
  readonly origin: string;
  readonly name: string;
}

/** Why a registry was of no use: it could not be reached, or does not have what was asked. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  /** `false`: the registry answered, and this image is not what it has. */
  readonly unreachable: boolean;

  constructor(message: string, unreachable: boolean) {
    super(message);
    this.unreachable = unreachable;
  }
}

const hubOrigin = "https://registry-1.docker.io";

/** Where an image is fetched from, by Docker's rules: a first part with a dot or a port is a registry, else it is the Hub. */
export function repositoryOf(image: string): Repository {
  const [first = "", ...rest] = image.split("/");
  if (rest.length > 0 && /[.:]/.test(first)) return { origin: `https://${first}`, name: rest.join("/") };
  return { origin: hubOrigin, name: rest.length === 0 ? `library/${image}` : image };
}

const manifests = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** The digest a tag stands for: of its index, so that it is the same on every platform. */
export async function digestOf(repository: Repository, tag: string): Promise<string> {
  const answer = await ask(repository, `manifests/${tag}`, { method: "HEAD", headers: { accept: manifests } });
  const digest = answer.headers.get("docker-content-digest");
  if (digest !== null && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new RegistryError(`${repository.name}:${tag} came without a digest`, false);
}

/** All tags of a repository; a registry gives them in pages. */
export async function tagsOf(repository: Repository): Promise<string[]> {
  const tags: string[] = [];
  for (let path: string | undefined = "tags/list?n=1000"; path !== undefined;) {
    const answer = await ask(repository, path, {});
    // The distribution specification's answer to tags/list.
    tags.push(...(((await answer.json()) as { readonly tags: readonly string[] | null }).tags ?? []));
    path = /<[^>]*\/(tags\/list\?[^>]+)>;\s*rel="?next/.exec(answer.headers.get("link") ?? "")?.[1];
  }
  return tags;
}

async function ask({ origin, name }: Repository, path: string, init: RequestInit): Promise<Response> {
  const url = `${origin}/v2/${name}/${path}`;
  let answer = await get(url, init);
  const challenge = answer.headers.get("www-authenticate");
  if (answer.status === 401 && challenge !== null) {
    const token = await anonymousToken(challenge);
    answer = await get(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
  }
  if (!answer.ok) throw new RegistryError(`${url} answered ${answer.status}`, false);
  return answer;
}

/** `Bearer realm="https://auth...",service="...",scope="..."`: public images are read with a token that anyone gets. */
async function anonymousToken(challenge: string): Promise<string> {
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const { realm, ...rest } = fields as Record<string, string>;
  if (realm === undefined) throw new RegistryError(`cannot answer the challenge ${challenge}`, false);
  const answer = await get(`${realm}?${new URLSearchParams(rest)}`, {});
  const { token, access_token: other } = (await answer.json()) as { token?: string; access_token?: string };
  if (token === undefined && other === undefined) throw new RegistryError(`${realm} gave no token`, false);
  return token ?? other ?? "";
}

async function get(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } };
    throw new RegistryError(`${new URL(url).origin} cannot be reached (${cause?.code ?? String(error)})`, true);
  }
}
