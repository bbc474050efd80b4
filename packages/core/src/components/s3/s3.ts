import type { Problem } from "../../errors/problem.ts";
import { literal } from "../../model/expression.ts";
import { freeze } from "../../model/freeze.ts";
import type { Resource } from "../../model/resource.ts";
import { secret } from "../../model/secret.ts";
import type { Value } from "../../model/value.ts";
import { self } from "../self.ts";
import { server, type ServerOptions } from "../server.ts";
import { s3Buckets } from "./buckets.ts";
import { engines } from "./engines.ts";

/** A bucket. */
export interface Bucket {
  /** `true`: old versions of an object are kept; `false`: no longer. Default: as the bucket is, which a new one is without. */
  readonly versioning?: boolean;
  /**
   * Objects are removed this many days after they were written, whole days from 1. Default: never. SeaweedFS does so with
   * what is written from then on, in a bucket without versioning.
   */
  readonly expireDays?: number;
  /**
   * What anyone may read without a key, whoever reaches the store: every object of the bucket, or those whose names begin with
   * one of these prefixes. To write and to list still take a key. Default `false`.
   */
  readonly anonymousRead?: boolean | readonly string[];
}

/** What one service may do, by bucket. */
export type Access = Readonly<Record<string, "read" | "write" | "read-write">>;

/** Options of an object store. */
export interface S3Options<U extends string> extends ServerOptions {
  /** Which program plays the part. `minio` is for those who have its data: nobody maintains it. Default `seaweedfs`. */
  readonly engine?: "seaweedfs" | "garage" | "minio";
  readonly buckets: Readonly<Record<string, Bucket>>;
  /** A key of its own for each service that uses the store, limited to the buckets it names. */
  readonly users: Readonly<Record<U, Access>>;
  /** Default 9000. */
  readonly port?: number;
}

/** What a service needs to use the store: with its key it reaches its buckets and no other. */
export interface S3Key {
  readonly endpoint: Value<"http-url">;
  readonly accessKey: Value<"text">;
  readonly secretKey: Value<"secret">;
}

/** An object store: its resources go into the stack; `keys` has one key a user. */
export interface S3<U extends string = string> {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly endpoint: Value<"http-url">;
  readonly keys: Readonly<Record<U, S3Key>>;
}

/** An object store with the S3 API; the root key makes buckets and keys, and no service has it. */
export function s3<const U extends string>(name: string, options: S3Options<U>): S3<U> {
  const { engine = "seaweedfs" } = options;
  const root = secret(`${name}-root`);
  const users = Object.entries<Access>(options.users).map(([user, access]) => ({
    user,
    access,
    secret: secret(`${name}-${user.toLowerCase().replaceAll("_", "-")}`),
  }));
  const endpoint = { kind: "ref", resource: name, output: "endpoint" } as const;
  const parts = engines[engine]({ name, port: options.port ?? 9000, root, users });
  const buckets = Object.keys(options.buckets).length === 0 ? [] : [s3Buckets(name, parts, root, options.buckets)];
  const store: Resource = {
    ...server(name, options, parts),
    problems: [...bucketProblems(name, options), ...engineProblems(name, engine, options)],
    outputs: {
      endpoint: {
        type: "http-url",
        value: self(name).url("s3"),
        strength: "needs",
        condition: "healthy",
        ...(buckets[0] && { gate: buckets[0].name }),
      },
    },
    logins: users.map(({ user, secret: key }) => ({ user, secret: key.name })),
  };
  return freeze({
    name,
    resources: [store, ...buckets],
    endpoint,
    keys: Object.fromEntries(
      users.map(({ user, secret: key }) => [user, { endpoint, accessKey: literal(user), secretKey: key }]),
    ) as unknown as Record<U, S3Key>,
  });
}

function bucketProblems(name: string, { buckets, users }: S3Options<string>): Problem[] {
  const problem = (path: string, message: string): Problem => ({ code: "E_VALUE", path: `${name}/${path}`, message });
  const known = Object.keys(buckets);
  return [
    ...Object.entries(buckets).flatMap(([bucket, { expireDays, anonymousRead }]) => [
      ...(/^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/.test(bucket)
        ? []
        : [
            problem(
              `buckets/${bucket}`,
              `expected 3 to 63 lower-case letters, digits and dashes, got ${JSON.stringify(bucket)}`,
            ),
          ]),
      ...(expireDays === undefined || (Number.isInteger(expireDays) && expireDays > 0)
        ? []
        : [problem(`buckets/${bucket}/expireDays`, `expected whole days from 1, got ${expireDays}`)]),
      ...(typeof anonymousRead === "object" ? anonymousRead : [])
        .filter((prefix) => !/^[\w./-]+$/.test(prefix))
        .map((prefix) =>
          problem(
            `buckets/${bucket}/anonymousRead`,
            `expected prefixes of letters, digits and ._/-, got ${JSON.stringify(prefix)}; true is every object`,
          ),
        ),
    ]),
    ...Object.entries(users).flatMap(([user, access]) =>
      Object.keys(access)
        .filter((bucket) => !known.includes(bucket))
        .map((bucket) =>
          problem(`users/${user}`, `names the bucket ${bucket}; the store has ${known.join(", ") || "none"}`),
        ),
    ),
  ];
}

/** What an engine cannot do, or we cannot do with it yet, is refused and not left out. */
function engineProblems(name: string, engine: string, { buckets, users }: S3Options<string>): Problem[] {
  const having = (has: (bucket: Bucket) => unknown): string[] =>
    Object.keys(buckets).filter((bucket) => has(buckets[bucket] ?? {}));
  const refused = (bucket: string, option: string, message: string): Problem => ({
    code: "E_VALUE",
    path: `${name}/buckets/${bucket}/${option}`,
    message,
  });
  if (engine === "seaweedfs")
    return having(({ versioning, expireDays }) => versioning === true && expireDays !== undefined).map((bucket) =>
      refused(
        bucket,
        "expireDays",
        "expected no expireDays with versioning: only SeaweedFS's workers, which are not run here, expire versions; use two buckets",
      ),
    );
  const later = (path: string, what: string, instead: string): Problem => ({
    code: "E_NOT_IMPLEMENTED",
    path: `${name}/${path}`,
    message: `${what} of ${engine} are not made yet; use engine seaweedfs, or leave them out and ${instead}`,
  });
  const { keys, made, policies } = byHand[engine === "garage" ? "garage" : "minio"];
  return [
    ...(Object.keys(users).length > 0 ? [later("users", "keys", keys)] : []),
    ...(engine === "garage" && Object.keys(buckets).length > 0 ? [later("buckets", "buckets", made)] : []),
    ...having(({ anonymousRead }) => anonymousRead).map((bucket) =>
      later(`buckets/${bucket}/anonymousRead`, "bucket policies", policies),
    ),
    ...(engine === "garage"
      ? having(({ versioning }) => versioning).map((bucket) =>
          refused(bucket, "versioning", "expected no versioning, which Garage does not have; use engine seaweedfs"),
        )
      : []),
  ];
}

/** How what is not made of an engine is made with its own program, in the store's container. */
const byHand = {
  garage: {
    keys: "make them with `garage key create` and `garage bucket allow`",
    made: "make them with `garage bucket create`",
    policies: "serve a bucket with `garage bucket website --allow`",
  },
  minio: {
    keys: "make them with `mc admin user add` and `mc admin policy attach`",
    made: "",
    policies: "set them with `mc anonymous set download`",
  },
} as const;
