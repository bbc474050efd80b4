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
 * is, versioning and expiry are set anew each time. The root key is in a file that curl reads.
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
          ...Object.entries(buckets).map(commandsOf),
        ),
      ],
      user: { uid: 1000, gid: 1000 },
    }),
    restart: { ...defaultRestart, policy: "on-failure", crashLoopAfter: 5 },
  };
}

/** `put PATH BODY`: 409 is a bucket that is there already. */
function helpers(config: Expression, url: Expression): Expression {
  return concat(
    "put() {\n  code=$(curl -K ",
    config,
    ' -o /tmp/answer -w "%{http_code}" -X PUT --data-binary "$2" "',
    url,
    '/$1")\n  case $code in\n    200 | 204 | 409) echo "$1: $code" ;;\n    *) cat /tmp/answer >&2; echo "$1: answered $code" >&2; exit 1 ;;\n  esac\n}\n',
  );
}

function commandsOf([bucket, { versioning, expireDays }]: [string, Bucket]): string {
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
      ? []
      : [`put '${bucket}?lifecycle=' '<LifecycleConfiguration>${rule}</LifecycleConfiguration>'`]),
    "",
  ].join("\n");
}
