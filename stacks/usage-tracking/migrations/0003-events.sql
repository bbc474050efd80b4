-- Exact dedupe by (tenant, event id), whatever the event's time says. `at` is where the event's row is.
create table dedupe_key (
  tenant integer not null,
  key uuid not null,
  at timestamptz not null,
  seen date not null,
  primary key (tenant, key)
) partition by hash (tenant);

create table dedupe_key_0 partition of dedupe_key for values with (modulus 4, remainder 0);
create table dedupe_key_1 partition of dedupe_key for values with (modulus 4, remainder 1);
create table dedupe_key_2 partition of dedupe_key for values with (modulus 4, remainder 2);
create table dedupe_key_3 partition of dedupe_key for values with (modulus 4, remainder 3);

-- Descriptive fields of a service type are in `metadata`, measured numbers in `metrics`. Monthly partitions.
create table events (
  tenant integer not null,
  at timestamptz not null,
  id uuid not null,
  service text not null,
  provider text not null,
  type text not null,
  user_id text,
  session_id text,
  request_id text,
  tags text[] not null,
  metadata jsonb not null,
  metrics jsonb not null,
  received_at timestamptz not null
) partition by range (at);

create index events_tenant_at on events (tenant, at);
create index events_at on events using brin (at);

-- What could not be stored, with the reason; it never blocks what comes after it. Monthly partitions.
create table dead_letter_events (
  at timestamptz not null,
  tenant integer not null,
  shard smallint not null,
  writer integer not null,
  seq bigint not null,
  index integer,
  event_id uuid,
  reason text not null,
  detail text not null,
  body bytea not null
) partition by range (at);

create index dead_letter_events_tenant on dead_letter_events (tenant, event_id);
