/** How a kind of generated file is known to be taken by what reads it. */
export interface Check {
  /** What says so. */
  readonly by: string;
  /** The program and its arguments, which `accepted.test.ts` runs where the files of the component are. */
  readonly argv?: readonly [program: string, ...args: string[]];
  /** The test in which that happens, where it is another. */
  readonly test?: string;
  /** It happens on the official image only (`npm run test:images`); until then the form is all that is known. */
  readonly image?: "yaml" | "json" | "text";
  /** Nothing of ours is in it. */
  readonly supplied?: true;
}

const inTest = (by: string, test: string): Check => ({ by, test });
const byProgram = (...argv: readonly [string, ...string[]]): Check => ({
  by: `\`${argv.slice(0, 3).join(" ")}\``,
  argv,
});
const onImage = (program: string, image: "yaml" | "json" | "text"): Check => ({
  by: `${program}, as it starts`,
  image,
});
/** A secret and nothing else has no form; who reads it is let in with it. */
const login = (by: string, test: string): Check => inTest(`${by} lets in who has it`, test);

const postgres = "test/secrets-canary.test.ts";
const broker = "packages/cli/src/e2e-tls.test.ts";
const replicas = "packages/cli/src/e2e-read-replicas.test.ts";
const secure = "packages/cli/src/e2e-postgres-tls.test.ts";
const bundle = "packages/cli/src/e2e-render.test.ts";
const deployed = "packages/core/src/targets/swarm/deploy-script.test.ts";
const commands = "packages/core/src/targets/swarm/run-script.test.ts";
const provision = inTest("PostgreSQL 18, twice", "packages/runtime/src/provision/provision.test.ts");
const cluster = "packages/cli/src/e2e-redis-cluster.test.ts";
const accepted = "test/accepted/accepted.test.ts";
const watched = "stacks/usage-tracking/monitoring.test.ts";

/** By kind, see `kinds.ts`; a kind that is missing fails `accepted.test.ts`. */
export const checks: Readonly<Record<string, Check>> = {
  "alertmanager/alertmanager.yml": byProgram("amtool", "check-config", "alertmanager.yml"),
  "alertmanager/pagerduty-key": { by: "what was supplied, as it is; only PagerDuty knows it", supplied: true },
  "alertmanager/slack-url": { by: "what was supplied, as it is; only Slack knows it", supplied: true },
  "alertmanager/smtp-password": { by: "what was supplied, as it is; only the mail server knows it", supplied: true },
  "alloy/config.alloy": onImage("Alloy", "text"),
  "blackbox-exporter/blackbox.yml": byProgram(
    "prometheus-blackbox-exporter",
    "--config.check",
    "--config.file=blackbox.yml",
  ),
  "garage/admin-token": onImage("Garage", "text"),
  "garage/garage.toml": onImage("Garage", "text"),
  "garage/rpc-secret": onImage("Garage", "text"),
  "grafana/admin-password": onImage("Grafana", "text"),
  "grafana/dashboard.json": {
    by: "the type that Grafana publishes, the grammars of PromQL and LogQL; Grafana, as it starts",
    test: "test/accepted/dashboards.test.ts",
    image: "json",
  },
  "grafana/dashboards.yml": onImage("Grafana", "yaml"),
  "grafana/datasources.yml": onImage("Grafana", "yaml"),
  "grafana/grafana.ini": onImage("Grafana", "text"),
  "jaeger/jaeger.yml": onImage("Jaeger", "yaml"),
  "kafka/cluster-id": onImage("Kafka", "text"),
  "loki/loki.yml": onImage("Loki", "yaml"),
  "minio/curl.conf": byProgram("curl", "--config", "curl.conf", "file:///dev/null"),
  "minio/root-password": onImage("MinIO", "text"),
  "mosquitto-exporter/exporter.yml": inTest("mqtt2prometheus, as it starts and is let in", "stacks/docker.test.ts"),
  "mosquitto/acl": inTest("Mosquitto: topics outside it are refused", broker),
  "mosquitto/health-password": login("Mosquitto", broker),
  "mosquitto/mosquitto.conf": inTest("Mosquitto, as it starts", broker),
  "mosquitto/mosquitto_sub": inTest("`mosquitto_sub`, as the image's health check", "stacks/docker.test.ts"),
  "mosquitto/passwords": login("Mosquitto", broker),
  "mosquitto/tls.pem": inTest("a client that trusts the authority", broker),
  "nginx/nginx.conf": byProgram("nginx", "-t", "-p", ".", "-e", "stderr", "-c", "nginx.conf"),
  "nginx/users": login("nginx", "packages/cli/src/e2e-edge.test.ts"),
  "nginx/tls.pem": inTest("a client that trusts the authority", broker),
  "otel-collector/collector.yml": onImage("the collector", "yaml"),
  "postgres-exporter/password": login("PostgreSQL", watched),
  "postgres/SQL of postgres-database": provision,
  "postgres/SQL of postgres-extension": provision,
  "postgres/SQL of postgres-membership": provision,
  "postgres/SQL of postgres-schema": provision,
  "postgres/SQL of postgres-access": provision,
  "postgres/SQL of postgres-replication": provision,
  "postgres/SQL of postgres-role": provision,
  "postgres/local-authority.crt": inTest("`psql` and the driver, which verify by it", secure),
  "postgres/pg_hba.conf": inTest("PostgreSQL 18, as it starts", postgres),
  "postgres/postgresql.conf": inTest("PostgreSQL 18, as it starts", postgres),
  "postgres-replica/local-authority.crt": inTest(
    "`pg_basebackup` and PostgreSQL, which verify the primary by it",
    replicas,
  ),
  "postgres-replica/passfile": login("PostgreSQL 18", replicas),
  "postgres-replica/pg_hba.conf": inTest("PostgreSQL 18, as it starts", replicas),
  "postgres-replica/postgresql.conf": inTest("PostgreSQL 18, as it starts and follows its primary", replicas),
  "postgres-replica/start.sh": inTest("the image's `sh`, as it starts and starts again", replicas),
  "postgres-replica/tls.pem": inTest("PostgreSQL 18, as it starts", replicas),
  "postgres/superuser-password": login("PostgreSQL 18", postgres),
  "postgres/tls.pem": inTest("PostgreSQL 18, as it starts, and a client that trusts the authority", secure),
  "prometheus/prometheus.yml": byProgram("promtool", "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml"),
  "prometheus/rules.yml": byProgram("promtool", "check", "rules", "--lint=all", "--lint-fatal", "rules.yml"),
  "redis-cluster/form.sh": inTest("`sh` of the image, which forms a cluster by it", cluster),
  "redis-cluster/meet.sh": inTest("`sh` of the image, by which nodes meet again", cluster),
  "redis-cluster/password": login("Valkey", cluster),
  "redis-cluster/redis.conf": inTest("`valkey-server`, as it starts", cluster),
  "redis-cluster/users.acl": inTest("`valkey-server`: nobody is let in without the password", cluster),
  "redis-exporter/passwords.json": inTest("redis_exporter, by what it tells of its Redis", watched),
  "redis/password": login("Redis", accepted),
  "redis/redis.conf": inTest("`redis-server`, as it starts", accepted),
  "redis/users.acl": inTest("`redis-server`: nobody is let in without the password", accepted),
  "render compose/.env.example": inTest("`docker compose config` with it as `.env`", accepted),
  "render compose/.gitignore": inTest("`git check-ignore`", accepted),
  "render compose/README.md": inTest("whole, for people to read", "packages/core/src/targets/targets.test.ts"),
  "render compose/build/Dockerfile": inTest(
    "`docker compose up`, which builds it",
    "stacks/usage-tracking/docker.test.ts",
  ),
  "render compose/compose.yaml": inTest("`docker compose config`", bundle),
  "render compose/init-secrets.sh": inTest("`sh`, which runs it", bundle),
  "render compose/secrets.required.json": inTest("`JSON.parse`", accepted),
  "render swarm/.env.example": inTest("whole, for people to read", "packages/core/src/targets/targets.test.ts"),
  "render swarm/.gitignore": inTest("`git check-ignore`", accepted),
  "render swarm/README.md": inTest("whole, for people to read", "packages/core/src/targets/targets.test.ts"),
  "render swarm/deploy.sh": inTest("`sh`, which runs it; on a Swarm `stacks/usage-tracking/docker.test.ts`", deployed),
  "render swarm/init-secrets.sh": inTest("`sh`, which runs it", deployed),
  "render swarm/run.sh": inTest("`sh`, which runs it; on a Swarm `stacks/usage-tracking/docker.test.ts`", commands),
  "render swarm/stack.yaml": inTest("`docker stack config`, with the schema of stack files", accepted),
  "seaweedfs/curl.conf": byProgram("curl", "--config", "curl.conf", "file:///dev/null"),
  "seaweedfs/grpc.pem": onImage("SeaweedFS", "text"),
  "seaweedfs/identities.json": onImage("SeaweedFS", "json"),
  "traefik/routes.yml": onImage("Traefik", "yaml"),
  "traefik/users": onImage("Traefik", "text"),
  "traefik/traefik.yml": onImage("Traefik", "yaml"),
};
