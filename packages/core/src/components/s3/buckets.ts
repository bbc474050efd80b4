import { containerFacet } from "../../model/container-defaults.ts";
import { concat, texts, type Expression } from "../../model/expression.ts";
import { processFacet } from "../../model/process-defaults.ts";
import { baseResource, defaultRestart } from "../../model/resource-defaults.ts";
import type { Resource } from "../../model/resource.ts";
import { self } from "../self.ts";
import type { PartName } from "../versions.ts";
import type { Bucket } from "./s3.ts";

/**
 * The job that makes a store's buckets over the S3 API, with the curl of the store's own image. What exists is left as it
 * is; versioning where it is said, expiry and, of SeaweedFS, who may read without a key are set anew each time. The root key is in a file that
 * curl reads.
 */
export function s3Buckets(
  store: string,
  image: { readonly part: PartName; readonly line: string },
  root: Expression,
  buckets: Readonly<Record<string, Bucket>>,
): Resource {
  const name = `${store}-buckets`;
  return {
    ...baseResource("job", image.part, name),
    after: [{ resource: store, strength: "needs", condition: "healthy" }],
    process: processFacet(image.part, Number.parseInt(image.line, 10)),
    files: [
      {
        name: "curl.conf",
        mode: 0o600,
        content: concat('silent\nshow-error\naws-sigv4 = "aws:amz:us-east-1:s3"\nuser = "root:', root, '"\n'),
      },
    ],
    container: containerFacet({
      image: { kind: "catalogue", name: image.part, line: image.line },
      entrypoint: texts("sh", "-ec"),
      command: [
        concat(
          helpers(self(name).path("file", "curl.conf"), self(store).url("s3")),
          ...Object.entries(buckets).flatMap(([bucket, options]) => [
            commandsOf(bucket, options),
            ...(image.part === "seaweedfs" ? [policyOf(bucket, options)] : []),
          ]),
        ),
      ],
      user: { uid: 1000, gid: 1000 },
    }),
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: 5 },
  };
}

/**
 * `put PATH BODY`: 409 is a bucket that is there already. `drop PATH`: 404 is what is not there. SeaweedFS 4 refuses a body of
 * which no hash is told, which curl 7 does not tell by itself.
 */
function helpers(config: Expression, url: Expression): Expression {
  return concat(
    "ask() {\n  path=$1 fine=$2\n  shift 2\n  code=$(curl -K ",
    config,
    ' -o /tmp/answer -w "%{http_code}" "$@" "',
    url,
    '/$path")\n  case " 200 204 $fine " in\n    *" $code "*) echo "$path: $code" ;;\n    *) cat /tmp/answer >&2; echo "$path: answered $code" >&2; exit 1 ;;\n  esac\n}\n',
    'put() {\n  ask "$1" 409 -X PUT -H "x-amz-content-sha256: $(printf %s "$2" | sha256sum | cut -c 1-64)" --data-binary "$2"\n}\ndrop() {\n  ask "$1" 404 -X DELETE\n}\n',
  );
}

function commandsOf(bucket: string, { versioning, expireDays }: Bucket): string {
  const status = versioning === true ? "Enabled" : "Suspended";
  const rule = `<Rule><ID>expire</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>${expireDays}</Days></Expiration></Rule>`;
  return [
    `put ${bucket} ''`,
    ...(versioning === undefined
      ? []
      : [
          `put '${bucket}?versioning=' '<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>'`,
        ]),
    ...(expireDays === undefined
      ? [`drop '${bucket}?lifecycle='`]
      : [`put '${bucket}?lifecycle=' '<LifecycleConfiguration>${rule}</LifecycleConfiguration>'`]),
    "",
  ].join("\n");
}

/**
 * A policy that allows to read and denies nothing: SeaweedFS takes what a policy allows before it looks at a key's own rights, so
 * what is allowed here is allowed to every key too, and must never be more than reading.
 */
function policyOf(bucket: string, { anonymousRead = false }: Bucket): string {
  const prefixes = anonymousRead === true ? [""] : anonymousRead || [];
  if (prefixes.length === 0) return `drop '${bucket}?policy='\n`;
  const Statement = {
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: prefixes.map((prefix) => `arn:aws:s3:::${bucket}/${prefix}*`),
  };
  return `put '${bucket}?policy=' '${JSON.stringify({ Version: "2012-10-17", Statement: [Statement] })}'\n`;
}
